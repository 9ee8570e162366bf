# The oauth2 gem. Arguments: its auth_scheme (basic_auth or request_body), and the feature.
require 'oauth2'
require 'faraday_middleware'
require_relative '../report'

def answer(token)
  { access_token: token.token, refresh_token: token.refresh_token, expires_in: token.expires_in,
    scope: token.params['scope'], token_type: token.params['token_type'] }
end

auth_scheme, feature = ARGV
options = { token_url: ENV['TOKEN_ENDPOINT'], auth_scheme: auth_scheme.to_sym }
params = ENV['SCOPE'].empty? ? {} : { scope: ENV['SCOPE'] }

report do
  client = OAuth2::Client.new(ENV['CLIENT_ID'], ENV['CLIENT_SECRET'], options)
  case feature
  when 'json'
    client = OAuth2::Client.new(ENV['CLIENT_ID'], ENV['CLIENT_SECRET'], options) do |connection|
      connection.request :json
      connection.adapter :net_http
    end
    params[:headers] = { 'Content-Type' => 'application/json' }
    answer(client.client_credentials.get_token(params))
  when 'refresh'
    # client_credentials.get_token drops the refresh token, the call beneath it keeps it.
    first = client.get_token(params.merge(grant_type: 'client_credentials'))
    answer(first.refresh!).merge(first: first.token)
  else
    answer(client.client_credentials.get_token(params))
  end
end
