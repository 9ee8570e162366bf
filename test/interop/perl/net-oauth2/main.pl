# Net::OAuth2, whose profiles take another grant_type than their own.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/..";
use Net::OAuth2::Profile::WebServer;
use Report;

my ($feature) = @ARGV;

sub answer ($token) {
    return { map { $_ => $token->attribute($_) } qw(access_token refresh_token expires_in scope token_type) };
}

report sub {
    my $profile = Net::OAuth2::Profile::WebServer->new(
        client_id         => $ENV{CLIENT_ID},
        client_secret     => $ENV{CLIENT_SECRET},
        grant_type        => 'client_credentials',
        secrets_in_params => $feature eq 'post',
        access_token_url  => $ENV{TOKEN_ENDPOINT},
        refresh_token_url => $ENV{TOKEN_ENDPOINT},
    );
    my $token = $profile->get_access_token('', $ENV{SCOPE} ? (scope => $ENV{SCOPE}) : ());
    my $first = answer($token);
    return $first if $feature ne 'refresh';
    $token->refresh;
    return { first => $first->{access_token}, access_token => $token->access_token, refresh_token => $token->refresh_token };
};
