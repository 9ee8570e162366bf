# Runs Apache on a free port with the site that is the argument, and presents each token of stdin to it.
use v5.36;
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use FindBin;
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP;
use POSIX qw(WNOHANG);

my $dir  = tempdir(CLEANUP => 1);
my $port = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')->sockport;

# Started by root, Apache becomes a user who shall read these all the same.
chmod 0755, $dir;
open my $page, '>', "$dir/index.html" or die "write the page: $!";
copy($ENV{CA_FILE}, "$dir/ca.pem") or die "copy the CA: $!";

@ENV{qw(DIR PORT SITE)} = ($dir, $port, @ARGV);
my $apache = fork // die "fork: $!";
# -X is one process in the foreground, which ends with the group that it is started in.
exec '/usr/sbin/apache2', '-X', '-f', "$FindBin::Bin/httpd.conf" or die "start Apache: $!" if !$apache;
$SIG{TERM} = $SIG{INT} = sub { exit 1 };
# A module may hang at its end; what is left of it after two seconds is not waited for.
END {
    local ($?, $SIG{ALRM}) = ($?, sub { kill KILL => $apache });
    alarm 2;
    kill TERM => $apache and waitpid $apache, 0 if $apache;
}

my $http = HTTP::Tiny->new;
until ($http->get("http://127.0.0.1:$port/index.html")->{status} != 599) {
    die "Apache ended\n" if waitpid($apache, WNOHANG) > 0;
    select undef, undef, undef, 0.1;
}
STDOUT->autoflush;
while (my $token = <STDIN>) {
    chomp $token;
    $http->default_headers({ Authorization => "Bearer $token" });
    my ($status, $headers) = $http->get("http://127.0.0.1:$port/index.html")->@{qw(status headers)};
    say encode_json($status == 200
        ? { ok => JSON::PP::true, sub => $headers->{'x-sub'}, scope => $headers->{'x-scope'} }
        : { ok => JSON::PP::false, error => join ' ', $status, $headers->{'www-authenticate'} // '' });
}
