//! auths-adapters-pypi
