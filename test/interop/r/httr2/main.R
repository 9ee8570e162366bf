# httr2. Arguments: the folder of report.R, and the feature.
library(httr2)

args <- commandArgs(trailingOnly = TRUE)
source(file.path(args[1], "report.R"))
feature <- args[2]

client <- oauth_client(
  id = env("CLIENT_ID"),
  secret = env("CLIENT_SECRET"),
  token_url = env("TOKEN_ENDPOINT"),
  # A function, as the token request of httr2 has no other place for the option of curl that names a private CA.
  auth = function(req, client) {
    authenticate <- if (feature == "post") oauth_client_req_auth_body else oauth_client_req_auth_header
    authenticate(req, client) |> req_options(cainfo = env("CA_FILE"))
  }
)

# httr2 keeps the token of a client in memory and shows it in the requests that it signs.
signed <- function() {
  request(env("JWKS_URI")) |>
    req_options(cainfo = env("CA_FILE")) |>
    req_oauth_client_credentials(client, scope = env("SCOPE")) |>
    req_perform()
  sub("Bearer ", "", last_request()$headers$Authorization, fixed = TRUE)
}

report(switch(feature,
  renew = {
    first <- signed()
    Sys.sleep(3)
    list(first = first, access_token = signed())
  },
  refresh = {
    first <- oauth_flow_client_credentials(client, scope = env("SCOPE"))
    token <- oauth_flow_refresh(client, refresh_token = first$refresh_token)
    c(token, first = first$access_token)
  },
  unclass(oauth_flow_client_credentials(client, scope = env("SCOPE")))
))
