# httr. Arguments: the folder of report.R, and the feature.
library(httr)

args <- commandArgs(trailingOnly = TRUE)
source(file.path(args[1], "report.R"))
feature <- args[2]
set_config(config(cainfo = env("CA_FILE")))

endpoint <- oauth_endpoint(
  authorize = NULL,
  access = env("TOKEN_ENDPOINT"),
  revoke = env("REVOCATION_ENDPOINT")
)
app <- oauth_app("interop", key = env("CLIENT_ID"), secret = env("CLIENT_SECRET"))

report({
  token <- oauth2.0_token(
    endpoint, app,
    # The scope argument is for the page that a user sees; it is not sent with this grant.
    user_params = list(scope = env("SCOPE")),
    client_credentials = TRUE,
    use_basic_auth = feature != "post",
    cache = FALSE
  )
  first <- token$credentials$access_token
  switch(feature,
    refresh = c(token$refresh()$credentials, first = first),
    revoke = {
      token$revoke()
      token$credentials
    },
    token$credentials
  )
})
