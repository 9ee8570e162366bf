# A service provider in the way that LWP::Authen::OAuth2::ServiceProvider documents: what differs from the
# authorization code grant. A token without a refresh token is renewed by the same grant again.
package ClientCredentials;
use v5.36;

use parent 'LWP::Authen::OAuth2::ServiceProvider';

sub authorization_endpoint { 'not used' }

sub request_required_params { qw(grant_type client_id client_secret) }
sub request_optional_params { qw(scope) }
sub request_default_params  { (grant_type => 'client_credentials') }

sub refresh_required_params { qw(grant_type client_id client_secret) }
sub refresh_optional_params { qw(refresh_token scope) }
sub refresh_default_params  { (grant_type => 'client_credentials') }

1;
