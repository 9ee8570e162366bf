use interop::{Answer, env, http, print};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::*;
use oauth2::reqwest::blocking::Client;
use serde_json::{Value, json};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let http = http()?;
    let mut keys = JwkSet { keys: Vec::new() };
    let mut validation = Validation::new(env("ALGORITHM").parse()?);
    validation.set_audience(&[env("AUDIENCE")]);
    validation.set_issuer(&[env("ISSUER")]);
    validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    validation.leeway = 0;
    for token in std::io::stdin().lines() {
        let answer = verify(&token?, &mut keys, &http, &validation);
        print(answer.or_else(|error| Ok(json!({"ok": false, "error": error.to_string()}))));
    }
    Ok(())
}

fn verify(token: &str, keys: &mut JwkSet, http: &Client, validation: &Validation) -> Answer {
    let kid = decode_header(token)?.kid.ok_or("no kid")?;
    // The crate parses a key set but fetches none: read it when it lacks the key.
    if keys.find(&kid).is_none() {
        *keys = serde_json::from_str(&http.get(env("JWKS_URI")).send()?.text()?)?;
    }
    let key = DecodingKey::from_jwk(keys.find(&kid).ok_or("unknown kid")?)?;
    let claims = decode::<Value>(token, &key, validation)?.claims;
    Ok(json!({"ok": true, "sub": claims["sub"], "scope": claims["scope"]}))
}
