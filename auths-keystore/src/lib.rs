//! auths-keystore
