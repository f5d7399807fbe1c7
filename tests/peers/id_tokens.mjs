// A certified OpenID Connect server on 127.0.0.1 that issues ID tokens with the claims of CI runs, and changes its keys.
//
//     node id_tokens.mjs FOLDER_OF_THE_PACKAGES AUDIENCE
//
// Says its port in the first line. Then one command a line on standard input, each answered by one line:
//     token CLAIMS      a token with these claims, a JSON object without spaces
//     add               shows a second key beside the first, and signs with it
//     replace           shows a new key alone, and signs with it
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import http from 'node:http';
import path from 'node:path';
import readline from 'node:readline';
import { pathToFileURL } from 'node:url';

const [folder, audience] = process.argv.slice(2);
const library = path.join(folder, 'node_modules', 'oidc-provider', 'lib', 'index.js');
// It warns about its development mode, which is what is wanted here.
console.warn = console.info = () => {};
const { Provider } = await import(pathToFileURL(library));

function makeKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };
}

let provider;
let keys = [];
const server = http.createServer((request, response) => provider.callback()(request, response));
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const issuer = `http://127.0.0.1:${server.address().port}`;

// The same issuer with these keys. It signs with the first.
function show(newKeys) {
  keys = newKeys;
  provider = new Provider(issuer, {
    clients: [{
      client_id: audience,
      token_endpoint_auth_method: 'none',
      grant_types: ['implicit'],
      response_types: ['id_token'],
      redirect_uris: ['https://registry.example/callback'],
      id_token_signed_response_alg: 'RS256',
    }],
    jwks: { keys },
    responseTypes: ['id_token'],
    ttl: { IdToken: 300 },
  });
}
show([makeKey()]);

async function issue(claims) {
  const client = await provider.Client.find(audience);
  const token = new provider.IdToken({ sub: 'repo:acme/widget:environment:pypi' }, { client });
  token.scope = 'openid';
  for (const [name, value] of Object.entries(JSON.parse(claims))) token.set(name, value);
  token.set('jti', randomUUID());
  return token.issue({ use: 'idtoken' });
}

const commands = {
  token: issue,
  add: () => show([makeKey(), ...keys]),
  replace: () => show([makeKey()]),
};

console.log(server.address().port);
for await (const line of readline.createInterface({ input: process.stdin })) {
  const [command, argument] = line.split(' ');
  try {
    console.log(await commands[command](argument) ?? 'done');
  } catch (error) {
    console.log(`failed: ${error.message}`);
  }
}
process.exit(0);
