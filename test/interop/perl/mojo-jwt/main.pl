# Mojo::JWT with a key set; reading the set again for an unknown kid is left to the caller.
use v5.36;
use Mojo::JSON qw(encode_json false true);
use Mojo::JWT;
use Mojo::UserAgent;

my $ua = Mojo::UserAgent->new(ca => $ENV{CA_FILE});
my $jwks;

# A decoder remembers the key of the last token for one whose kid it does not know, so each token gets its own.
sub verify ($token) {
    $jwks //= $ua->get($ENV{JWKS_URI})->result->json;
    return Mojo::JWT->new->add_jwkset($jwks)->decode($token);
}

STDOUT->autoflush;
while (my $token = <STDIN>) {
    chomp $token;
    my $claims = eval { verify($token) };
    if ($@ =~ /public key not specified/) {
        undef $jwks;
        $claims = eval { verify($token) };
    }
    say encode_json($claims ? { ok => true, %$claims{qw(sub scope)} } : { ok => false, error => "$@" });
}
