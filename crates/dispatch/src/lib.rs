//! Requests and a pool of backends in, takes out.
