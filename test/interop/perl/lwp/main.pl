# LWP::UserAgent, with the requests of RFC 6749 written out.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/..";
use HTTP::Request::Common;
use JSON::PP;
use LWP::UserAgent;
use Report;

my ($feature)  = @ARGV;
my $ua         = LWP::UserAgent->new;
my $json       = JSON::PP->new->canonical;
my @secret     = (client_id => $ENV{CLIENT_ID}, client_secret => $ENV{CLIENT_SECRET});
my @grant      = (grant_type => 'client_credentials', $ENV{SCOPE} ? (scope => $ENV{SCOPE}) : ());
my %well_known = (discovery_8414 => 'oauth-authorization-server', discovery_oidc => 'openid-configuration');

sub answer ($request) {
    my $response = $ua->request($request);
    die $response->status_line, ': ', $response->decoded_content, "\n" unless $response->is_success;
    return $json->decode($response->decoded_content || '{}');
}

sub post ($url, @form) {
    return answer(POST $url, [@form, @secret]) if $feature eq 'post';
    return answer(POST $url, Content_Type => 'application/json', Content => $json->encode({@form, @secret})) if $feature eq 'json';
    my $request = POST $url, \@form;
    $request->authorization_basic($ENV{CLIENT_ID}, $ENV{CLIENT_SECRET});
    return answer($request);
}

report sub {
    return post($ENV{INTROSPECTION_ENDPOINT}, token => $ENV{TOKEN}) if $feature eq 'introspect';
    my $name  = $well_known{$feature};
    my $url   = $name ? answer(GET "$ENV{ISSUER}/.well-known/$name")->{token_endpoint} : $ENV{TOKEN_ENDPOINT};
    my $first = post($url, @grant);
    post($ENV{REVOCATION_ENDPOINT}, token => $first->{access_token}) if $feature eq 'revoke';
    return $first if $feature ne 'refresh';
    my $second = post($url, grant_type => 'refresh_token', refresh_token => $first->{refresh_token});
    return { %$second, first => $first->{access_token} };
};
