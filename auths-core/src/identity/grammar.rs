//! The grammars of package names and logins. Each reads a text, and returns the form in which it is compared, or the rule that was
//! broken.

use super::text::is_word;

/// The form in which a name is compared, or the rule that was broken.
pub(super) type Read = Result<String, &'static str>;

/// Reads the name of a PyPI project (PEP 508); the normal form is that of PEP 503.
pub(super) fn pypi_name(text: &str) -> Read {
    if text.len() > 200 || !is_word(text, b"._-") {
        return Err(
            "ASCII letters, digits, '.', '_' and '-', with a letter or digit at both ends (PEP 508)",
        );
    }
    let mut name = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '.' | '_' | '-' if name.ends_with('-') => {}
            '.' | '_' | '-' => name.push('-'),
            c => name.push(c.to_ascii_lowercase()),
        }
    }
    Ok(name)
}

/// Reads the name of a crate. crates.io takes names that differ in case, `-` and `_` alone for one.
pub(super) fn cargo_name(text: &str) -> Read {
    let ok = text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if ok {
        Ok(text.to_ascii_lowercase().replace('-', "_"))
    } else {
        Err("1 to 64 ASCII letters, digits, '-' and '_', starting with a letter")
    }
}

/// Reads the name of an npm package, `name` or `@scope/name`. npm names differ by case, and legacy upper case is read.
pub(super) fn npm_name(text: &str) -> Read {
    let (scope, name) = match text.strip_prefix('@') {
        Some(rest) => rest.split_once('/').ok_or("a scoped name is @scope/name")?,
        None => ("scope", text),
    };
    let scoped = text.starts_with('@');
    // npm no longer accepts new names that begin with a hyphen, but old packages have them, such as `-`.
    let starts_ok = !name.starts_with('.') && (scoped || !name.starts_with('_'));
    let reserved = matches!(
        text.to_ascii_lowercase().as_str(),
        "node_modules" | "favicon.ico"
    );
    if text.len() <= 214
        && is_npm_part(scope)
        && !scope.starts_with('.')
        && is_npm_part(name)
        && starts_ok
        && !reserved
    {
        Ok(text.to_owned())
    } else {
        Err(
            "URL-safe ASCII, at most 214 characters, not starting with '.' or '_', as name or @scope/name",
        )
    }
}

fn is_npm_part(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&b))
}

/// Reads a GitHub login. Reading is lenient (older logins break today's sign-up rules); comparison is strict.
pub(super) fn github_login(text: &str) -> Read {
    let ok = (1..=39).contains(&text.len())
        && !text.starts_with('_')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if ok {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("1 to 39 ASCII letters, digits, '-' and '_', not starting with '_'")
    }
}

/// Reads the name of an account or organisation on GitHub, or of a package below one: `OWNER` or `OWNER/NAME`.
pub(super) fn github_name(text: &str) -> Read {
    let Some((owner, name)) = text.split_once('/') else {
        return github_login(text);
    };
    let owner = github_login(owner)?;
    let name = name.to_ascii_lowercase();
    // GitHub takes `name.git` for another spelling of `name`.
    if !is_repository_word(&name) || name.ends_with(".git") {
        return Err(
            "OWNER, or OWNER/NAME with a NAME of 1 to 100 ASCII letters, digits, '-', '_' and '.', not ending in .git",
        );
    }
    Ok(format!("{owner}/{name}"))
}

/// Reads a name of an ecosystem that core does not know.
pub(super) fn other_name(text: &str) -> Read {
    if text.len() <= 214 && text.split('/').count() <= 8 && text.split('/').all(is_segment) {
        Ok(text.to_owned())
    } else {
        Err("URL-safe ASCII segments divided by '/', at most 214 characters")
    }
}

fn is_segment(text: &str) -> bool {
    !matches!(text, "" | "." | "..")
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b))
}

/// Reads a PyPI login.
pub(super) fn pypi_login(text: &str) -> Read {
    if text.len() <= 50 && is_word(text, b"._-") {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("at most 50 ASCII letters, digits, '.', '_' and '-', alphanumeric at both ends")
    }
}

/// Reads an npm login: the characters that a URL holds without escapes (JavaScript's `encodeURIComponent`). npm no longer accepts
/// all of them, but old accounts have them. If such a login could not be read, a whole package would seem to have no maintainers.
pub(super) fn npm_login(text: &str) -> Read {
    let ok = (1..=214).contains(&text.len())
        && !text.starts_with('.')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.~!*'()".contains(&b));
    if ok {
        Ok(text.to_owned())
    } else {
        Err("URL-safe ASCII, at most 214 characters, not starting with '.'")
    }
}

/// Reads a login of a platform that core does not know.
pub(super) fn other_login(text: &str) -> Read {
    if text.len() <= 128 && is_word(text, b"._@-") {
        Ok(text.to_owned())
    } else {
        Err("at most 128 ASCII letters, digits, '.', '_', '@' and '-', alphanumeric at both ends")
    }
}

/// Returns whether `text` can be the owner of a repository on GitHub.
pub(super) fn is_github_owner(text: &str) -> bool {
    github_login(text).is_ok()
}

/// Returns whether `text` can be the owner or the name of a repository anywhere.
pub(crate) fn is_repository_word(text: &str) -> bool {
    text.len() <= 100
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        && text.bytes().any(|b| b.is_ascii_alphanumeric())
}
