//! auths-http
