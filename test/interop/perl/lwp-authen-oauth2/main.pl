# LWP::Authen::OAuth2.
use v5.36;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/..";
use LWP::Authen::OAuth2;
use Report;

my ($feature) = @ARGV;

report sub {
    my $oauth2 = LWP::Authen::OAuth2->new(
        service_provider => 'ClientCredentials',
        token_endpoint   => $ENV{TOKEN_ENDPOINT},
        client_id        => $ENV{CLIENT_ID},
        client_secret    => $ENV{CLIENT_SECRET},
        scope            => $ENV{SCOPE} || undef,
    );
    $oauth2->request_tokens;
    my $first = $oauth2->access_token->to_ref;
    if ($feature eq 'renew') {
        sleep 3;
        # Signing a request is what renews.
        $oauth2->get($ENV{JWKS_URI});
    }
    elsif ($feature eq 'refresh') {
        $oauth2->refresh_access_token(grant_type => 'refresh_token');
    }
    else {
        return $first;
    }
    return { %{ $oauth2->access_token->to_ref }, first => $first->{access_token} };
};
