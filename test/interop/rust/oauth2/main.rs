use interop::{Answer, env, http, print};
use oauth2::basic::BasicClient;
use oauth2::*;
use serde_json::json;

fn main() {
    print(run(&std::env::args().nth(1).unwrap_or_default()));
}

fn run(feature: &str) -> Answer {
    let client = BasicClient::new(ClientId::new(env("CLIENT_ID")))
        .set_client_secret(ClientSecret::new(env("CLIENT_SECRET")))
        .set_auth_type(if feature == "post" { AuthType::RequestBody } else { AuthType::BasicAuth })
        .set_token_uri(TokenUrl::new(env("TOKEN_ENDPOINT"))?)
        .set_revocation_url(RevocationUrl::new(env("REVOCATION_ENDPOINT"))?)
        .set_introspection_url(IntrospectionUrl::new(env("INTROSPECTION_ENDPOINT"))?);
    let http = http()?;
    if feature == "introspect" {
        let answer = client.introspect(&AccessToken::new(env("TOKEN"))).request(&http)?;
        return Ok(serde_json::to_value(answer)?);
    }
    let scopes = env("SCOPE").split_whitespace().map(|s| Scope::new(s.into())).collect::<Vec<_>>();
    let first = client.exchange_client_credentials().add_scopes(scopes).request(&http)?;
    let mut token = first.clone();
    match (feature, first.refresh_token()) {
        ("refresh", Some(refresh)) => token = client.exchange_refresh_token(refresh).request(&http)?,
        ("revoke", _) => client.revoke_token(first.access_token().into())?.request(&http)?,
        _ => (),
    }
    let mut answer = serde_json::to_value(token)?;
    answer["first"] = json!(first.access_token().secret());
    Ok(answer)
}
