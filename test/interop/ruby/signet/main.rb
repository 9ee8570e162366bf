# Signet::OAuth2::Client.
require 'signet/oauth_2/client'
require_relative '../report'

feature = ARGV[0]
report do
  client = Signet::OAuth2::Client.new(token_credential_uri: ENV['TOKEN_ENDPOINT'], client_id: ENV['CLIENT_ID'],
                                      client_secret: ENV['CLIENT_SECRET'])
  client.grant_type = 'client_credentials'
  options = { use_basic_auth: feature != 'post' }
  # Not scope: of the client: Signet sends that list as one parameter for each scope.
  options[:scope] = ENV['SCOPE'] unless ENV['SCOPE'].empty?
  answer = client.fetch_access_token!(options)
  if feature == 'refresh'
    client.grant_type = 'refresh_token'
    # Basic is put on the connection, and the default one takes it only once.
    answer = client.refresh!(use_basic_auth: true, connection: Faraday.new).merge(first: answer['access_token'])
  end
  answer
end
