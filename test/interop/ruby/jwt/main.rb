# ruby-jwt with the loader of its README: a kid that is not in the cached set has the set read again.
require 'json'
require 'jwt'
require 'net/http'

loader = lambda do |options|
  @keys = nil if options[:kid_not_found]
  @keys ||= JSON.parse(Net::HTTP.get(URI(ENV['JWKS_URI'])))
end
options = { algorithms: [ENV['ALGORITHM']], jwks: loader,
            iss: ENV['ISSUER'], verify_iss: true, aud: ENV['AUDIENCE'], verify_aud: true }

$stdout.sync = true
$stdin.each_line(chomp: true) do |token|
  claims, = JWT.decode(token, nil, true, options)
  puts JSON.generate(ok: true, sub: claims['sub'], scope: claims['scope'])
rescue JWT::DecodeError => e
  puts JSON.generate(ok: false, error: e.message)
end
