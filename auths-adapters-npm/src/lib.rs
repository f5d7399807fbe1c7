//! auths-adapters-npm
