use interop::{Answer, env, http, print};
use openidconnect::core::*;
use openidconnect::*;
use serde_json::json;

fn main() {
    print(run(&std::env::args().nth(1).unwrap_or_default()));
}

fn run(feature: &str) -> Answer {
    let (id, secret) = (ClientId::new(env("CLIENT_ID")), ClientSecret::new(env("CLIENT_SECRET")));
    let issuer = IssuerUrl::new(env("ISSUER"))?;
    let http = http()?;
    let mut endpoint = TokenUrl::new(env("TOKEN_ENDPOINT"))?;
    if feature == "discovery_oidc" {
        endpoint =
            CoreProviderMetadata::discover(&issuer, &http)?.token_endpoint().cloned().ok_or("no token_endpoint")?;
    }
    let client = CoreClient::new(id, issuer, JsonWebKeySet::default())
        .set_client_secret(secret)
        .set_auth_type(if feature == "post" { AuthType::RequestBody } else { AuthType::BasicAuth })
        .set_token_uri(endpoint)
        .set_revocation_url(RevocationUrl::new(env("REVOCATION_ENDPOINT"))?)
        .set_introspection_url(IntrospectionUrl::new(env("INTROSPECTION_ENDPOINT"))?);
    if feature == "introspect" {
        let answer = client.introspect(&AccessToken::new(env("TOKEN"))).request(&http)?;
        return Ok(serde_json::to_value(answer)?);
    }
    let scopes = env("SCOPE").split_whitespace().map(|s| Scope::new(s.into())).collect::<Vec<_>>();
    let first = client.exchange_client_credentials().add_scopes(scopes).request(&http)?;
    let mut token = first.clone();
    match (feature, first.refresh_token()) {
        ("refresh", Some(refresh)) => token = client.exchange_refresh_token(refresh).request(&http)?,
        ("revoke", _) => client.revoke_token(first.access_token().clone().into())?.request(&http)?,
        _ => (),
    }
    let mut answer = serde_json::to_value(token)?;
    answer["first"] = json!(first.access_token().secret());
    Ok(answer)
}
