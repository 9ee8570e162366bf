//! What the runner gives a program and wants from it: the environment in, one JSON line out.

use oauth2::reqwest::{Certificate, blocking::Client, redirect::Policy};
use serde_json::{Value, json};
use std::error::Error;

pub type Answer = Result<Value, Box<dyn Error>>;

pub fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// The HTTP client that both libraries take, trusting CA_FILE too.
pub fn http() -> Result<Client, Box<dyn Error>> {
    let ca = Certificate::from_pem(&std::fs::read(env("CA_FILE"))?)?;
    let builder = Client::builder().add_root_certificate(ca);
    Ok(builder.redirect(Policy::none()).build()?)
}

/// Prints the answer, or the error with its sources.
pub fn print(answer: Answer) {
    let line = answer.unwrap_or_else(|error| {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        json!({ "error": text })
    });
    println!("{line}");
}
