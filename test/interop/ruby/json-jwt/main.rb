# json-jwt checks the signature and leaves claims and the reading of the set to the resource server.
require 'json/jwt'
require 'net/http'

def fetch_keys
  JSON::JWK::Set.new(JSON.parse(Net::HTTP.get(URI(ENV['JWKS_URI']))))
end

def verify(token)
  JSON::JWT.decode(token, @keys, [ENV['ALGORITHM'].to_sym])
rescue JSON::JWK::Set::KidNotFound
  JSON::JWT.decode(token, @keys = fetch_keys, [ENV['ALGORITHM'].to_sym])
end

@keys = fetch_keys
$stdout.sync = true
$stdin.each_line(chomp: true) do |token|
  claims = verify(token)
  puts JSON.generate(ok: true, sub: claims[:sub], scope: claims[:scope])
rescue JSON::JWT::Exception, OpenSSL::PKey::PKeyError => e
  puts JSON.generate(ok: false, error: e.message)
end
