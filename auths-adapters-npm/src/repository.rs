//! Reads the `repository` of a `package.json`: unchecked text of a publisher, in every form that npm allows.

use std::borrow::Cow;

use auths_core::evidence::SourceRepository;

/// Returns the repository that a text of `repository` means, if it is one on GitHub or GitLab.
///
/// | form | |
/// |---|---|
/// | `https://github.com/o/r`, `git+https:`, `git:`, `http:` | with `.git`, `#committish` or `/tree/...` behind |
/// | `ssh://git@github.com/o/r`, `git+ssh:`, `git@github.com:o/r.git` | |
/// | `github:o/r`, `gitlab:o/r`, `o/r` | npm's shorthands |
///
/// Source: npm's package.json documentation, "repository", and what `hosted-git-info` reads.
pub(crate) fn repository(text: &str) -> Option<SourceRepository> {
    let text = text.trim();
    if text.len() > 2_000 {
        return None;
    }
    SourceRepository::from_address(&address(text)?)
}

/// Returns the text as a web address.
fn address(text: &str) -> Option<Cow<'_, str>> {
    let (before, _) = text.split_once('#').unwrap_or((text, ""));
    if let Some((scheme, rest)) = before.split_once("://") {
        return match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" | "git+http" | "git+https" => Some(before.into()),
            "git" | "ssh" | "git+ssh" | "git+git" => {
                Some(format!("https://{}", by_path(rest)).into())
            }
            _ => None,
        };
    }
    match before.split_once(':') {
        Some(("github", path)) => at("github", path),
        Some(("gitlab", path)) => at("gitlab", path),
        Some((host, _)) if host.starts_with("git@") => {
            Some(format!("https://{}", by_path(before)).into())
        }
        Some(_) => None,
        None => {
            let is_shorthand =
                before.matches('/').count() == 1 && !before.starts_with(['.', '/', '@']);
            if is_shorthand {
                at("github", before)
            } else {
                None
            }
        }
    }
}

fn at<'a>(host: &str, path: &str) -> Option<Cow<'a, str>> {
    let is_path = path.matches('/').count() == 1 && !path.contains(['@', ':', ' ']);
    is_path.then(|| format!("https://{host}.com/{path}").into())
}

/// Returns `git@host:path` and `host:path` as `host/path`. A user other than git, and a port, stay in the text and are then
/// refused.
fn by_path(text: &str) -> String {
    let text = text.strip_prefix("git@").unwrap_or(text);
    match text.split_once(':') {
        Some((host, rest)) if !host.contains('/') && !begins_with_port(rest) => {
            format!("{host}/{rest}")
        }
        _ => text.to_owned(),
    }
}

fn begins_with_port(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    first.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_npm_is_read() {
        for text in [
            "https://github.com/acme/left",
            "git+https://github.com/acme/left.git",
            "git://github.com/acme/left.git",
            "http://www.github.com/acme/left",
            "https://github.com/acme/left/tree/main/packages/x",
            "git+ssh://git@github.com/acme/left.git",
            "ssh://git@github.com/acme/left.git#v1",
            "ssh://git@github.com:acme/left.git",
            "git@github.com:acme/left.git",
            "github:acme/left",
            "github:acme/left#semver:^1",
            "acme/left",
            " acme/left#main ",
        ] {
            let found = repository(text);
            let found = found.unwrap_or_else(|| panic!("{text}"));
            assert_eq!((&*found.owner, &*found.name), ("acme", "left"), "{text}");
            assert_eq!(found.platform.as_str(), "github");
        }
        assert_eq!(
            repository("gitlab:acme/left").unwrap().platform.as_str(),
            "gitlab"
        );
    }

    #[test]
    fn what_is_none() {
        for text in [
            "",
            "left",
            "./acme/left",
            "/acme/left",
            "@acme/left",
            "../left",
            "a/b/c",
            "gist:11081aaa281",
            "gist:acme/left",
            "bitbucket:acme/left",
            "github:acme",
            "github:acme/left/more",
            "github:evil@acme/left",
            "https://evil.example/github.com/acme/left",
            "https://user@github.com/acme/left",
            "ssh://root@github.com/acme/left",
            "ssh://git@github.com:22/acme/left",
            "root@github.com:acme/left",
            "git@evil.example:acme/left",
            "git@github.com@evil.example:acme/left",
            "https://github.com:443@evil.example/acme/left",
            "https://github.com/acme/../left",
            "file:///acme/left",
            "C:\\acme\\left",
            "acme /left",
        ] {
            assert_eq!(repository(text), None, "{text}");
        }
    }
}
