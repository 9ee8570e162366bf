# Crypt::JWT with the key set as kid_keys; reading the set again for an unknown kid is left to the caller.
use v5.36;
use Crypt::JWT qw(decode_jwt);
use JSON::PP;
use LWP::UserAgent;

my $ua = LWP::UserAgent->new;
my $keys;

sub verify ($token) {
    $keys //= $ua->get($ENV{JWKS_URI})->decoded_content;
    return decode_jwt(
        token        => $token,
        kid_keys     => $keys,
        accepted_alg => $ENV{ALGORITHM},
        verify_iss   => $ENV{ISSUER},
        verify_aud   => $ENV{AUDIENCE},
        verify_exp   => 1,
    );
}

STDOUT->autoflush;
while (my $token = <STDIN>) {
    chomp $token;
    my $claims = eval { verify($token) };
    if ($@ =~ /kid_keys lookup failed/) {
        undef $keys;
        $claims = eval { verify($token) };
    }
    my %answer = $claims
      ? (ok => JSON::PP::true, sub => $claims->{sub}, scope => $claims->{scope})
      : (ok => JSON::PP::false, error => "$@");
    say encode_json(\%answer);
}
