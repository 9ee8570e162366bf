# Rack::OAuth2::Client, or OpenIDConnect::Client, which adds discovery to it. Arguments: the class, and the feature.
require 'openid_connect'
require_relative '../report'

def answer(token)
  { access_token: token.access_token, refresh_token: token.refresh_token, expires_in: token.expires_in,
    scope: token.scope, token_type: token.token_type }
end

def endpoints(feature)
  return { token_endpoint: ENV['TOKEN_ENDPOINT'], revocation_endpoint: ENV['REVOCATION_ENDPOINT'] } if feature != 'discovery_oidc'

  { token_endpoint: OpenIDConnect::Discovery::Provider::Config.discover!(ENV['ISSUER']).token_endpoint }
end

class_name, feature = ARGV
report do
  client = Object.const_get(class_name).new(identifier: ENV['CLIENT_ID'], secret: ENV['CLIENT_SECRET'],
                                            **endpoints(feature))
  first = client.access_token!(feature == 'post' ? :post : :basic, scope: ENV['SCOPE'])
  case feature
  when 'refresh'
    client.refresh_token = first.refresh_token
    answer(client.access_token!).merge(first: first.access_token)
  when 'revoke'
    client.revoke!(access_token: first.access_token)
    answer(first)
  else
    answer(first)
  end
end
