//! Requests to addresses that a service handed out.

use auths_core::OriginError;
use auths_core::tokens::find_token;
use url::Url;

use crate::request::Request;

impl Request {
    /// Creates a GET request for a whole address that a service handed out, with its path and query as they are.
    ///
    /// Everything else asks by segments ([`Request::get`]). This is for addresses that are no adapter's to build, such as the one
    /// where a CI job asks for its ID token. The server of the address is the origin of the request.
    ///
    /// ```
    /// use auths_http::Request;
    ///
    /// let request = Request::get_url("https://run.example/7//idtoken?api-version=2.0")?.query("audience", "a b");
    /// assert_eq!(request.url().as_str(), "https://run.example/7//idtoken?api-version=2.0&audience=a+b");
    /// for bad in ["http://run.example/x", "https://user@run.example/x", "https://run.example/#x", "/x", "file:///x"] {
    ///     assert!(Request::get_url(bad).is_err(), "{bad}");
    /// }
    /// # Ok::<(), auths_core::OriginError>(())
    /// ```
    ///
    /// # Errors
    /// [`OriginError`] when it is no address of a server, not of https (a literal loopback address may be of http), has a user name
    /// or a fragment, or holds a token.
    pub fn get_url(address: &str) -> Result<Self, OriginError> {
        if let Some(found) = find_token(address) {
            return Err(OriginError::Token { kind: found.kind });
        }
        let mut server = Url::parse(address).map_err(|_| OriginError::Syntax {
            text: String::new(),
        })?;
        let url = server.clone();
        server.set_path("");
        server.set_query(None);
        // The origin refuses a user name, a fragment and every scheme but https.
        let mut request = Self::get(&server.as_str().parse()?, &[])?;
        request.url = url;
        Ok(request)
    }
}
