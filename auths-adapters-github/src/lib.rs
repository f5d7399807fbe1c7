//! auths-adapters-github
