// A certified OAuth server with the device flow of RFC 8628, on 127.0.0.1, at GitHub's addresses and with its ways:
// errors come with status 200, and polls that come too early are told to slow down.
//
//     node oauth.mjs FOLDER_OF_THE_PACKAGES LIFE_OF_A_CODE_IN_SECONDS
//
// Says its port in the first line. Then one command a line on standard input, each answered by one line:
//     approve CODE | deny CODE    does what the person with the browser does
//     lose                        the next token is given, and its answer lost on the way
//     strict | lenient            the next polls come too early, or not
import http from 'node:http';
import path from 'node:path';
import readline from 'node:readline';
import { pathToFileURL } from 'node:url';

const [folder, life] = process.argv.slice(2);
const library = path.join(folder, 'node_modules', 'oidc-provider', 'lib', 'index.js');
// It warns about its development mode, which is what is wanted here.
console.warn = console.info = () => {};
const { Provider } = await import(pathToFileURL(library));

const TOKEN = '/login/oauth/access_token';
const ALICE = { login: 'alice', id: 583231, type: 'User' };
let [losing, strict, interval] = [false, false, 5];

const server = http.createServer();
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'Iv1.peer',
    token_endpoint_auth_method: 'none',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
    response_types: [],
    redirect_uris: [],
  }],
  scopes: ['openid'],
  features: { deviceFlow: { enabled: true }, devInteractions: { enabled: true } },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  routes: { device_authorization: '/login/device/code', code_verification: '/login/device', token: TOKEN },
  ttl: { DeviceCode: Number(life) },
});

// What GitHub does otherwise.
provider.use(async (ctx, next) => {
  if (ctx.path === '/user') {
    const token = await provider.AccessToken.find((ctx.get('authorization') || '').replace(/^Bearer /, ''));
    ctx.status = token ? 200 : 401;
    ctx.body = token ? { ...ALICE, login: token.accountId } : { message: 'Bad credentials', status: '401' };
    return;
  }
  if (ctx.path === TOKEN && strict) {
    interval += 5;
    ctx.body = { error: 'slow_down', error_description: 'Too many requests have been made.', interval };
    return;
  }
  await next();
  if (ctx.path !== TOKEN) return;
  if (ctx.status === 400) ctx.status = 200;
  if (losing && ctx.body?.access_token) {
    losing = false;
    ctx.respond = false;
    ctx.req.socket.destroy();
  }
});
server.on('request', provider.callback());

// The person with the browser: pages with forms, and cookies.
class Browser {
  cookies = new Map();

  async go(url, form) {
    for (let steps = 0; steps < 20; steps += 1) {
      const response = await fetch(url, {
        redirect: 'manual',
        method: form ? 'POST' : 'GET',
        body: form && new URLSearchParams(form),
        headers: { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [name, value] = cookie.split(';')[0].split('=');
        this.cookies.set(name, value);
      }
      const next = response.headers.get('location');
      const page = await response.text();
      if (!next) return { url, page };
      [url, form] = [new URL(next, url).href, undefined];
    }
    throw new Error('too many redirects');
  }

  // Sends the form of a page, with these fields beside the hidden ones.
  submit({ url, page }, fields) {
    const form = { ...fields };
    for (const [tag] of page.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
      form[tag.match(/name="([^"]*)"/)[1]] ??= tag.match(/value="([^"]*)"/)?.[1] ?? '';
    }
    const action = page.match(/<form[^>]*action="([^"]*)"/)?.[1];
    return this.go(action ? new URL(action, url).href : url, form);
  }
}

async function answer(code, approves) {
  const browser = new Browser();
  let page = await browser.go(`${issuer}/login/device`);
  page = await browser.submit(page, { user_code: code });
  if (!approves) {
    return browser.submit(page, { user_code: code, abort: 'yes' });
  }
  page = await browser.submit(page, { user_code: code, confirm: 'yes' });
  page = await browser.submit(page, { login: 'alice', password: 'any' });
  return browser.submit(page, {});
}

const commands = {
  approve: (code) => answer(code, true),
  deny: (code) => answer(code, false),
  lose: () => { losing = true; },
  strict: () => { strict = true; },
  lenient: () => { strict = false; },
};

console.log(server.address().port);
for await (const line of readline.createInterface({ input: process.stdin })) {
  const [command, argument] = line.split(' ');
  try {
    await commands[command](argument);
    console.log('done');
  } catch (error) {
    console.log(`failed: ${error.message}`);
  }
}
process.exit(0);
