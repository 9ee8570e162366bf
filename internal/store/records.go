package store

import (
	"time"

	"github.com/grantd/grantd/oauth"
)

// All times are UTC with the precision of a millisecond. The zero time is
// kept as such. Lifetimes have the precision of a millisecond, too. The elements
// of a list keep their order, and none is empty or holds a space (ErrInvalid), nor
// does a text of a Parameter or a Route; an empty list and empty bytes read back as
// nil. All texts are UTF-8, and but for those of a Parameter, a Route, a Policy and Assertions
// none holds a NUL (ErrInvalid). What else a text means is not a store's business:
// it keeps templates, types, routes, policies and public keys as they are.

// API is a resource server: what tokens are for.
type API struct {
	// ID is our own random name for it.
	ID string
	// Audience is the absolute URI in the aud claim, unique among APIs.
	Audience string
	// Mode says which keys may get its tokens: those of the same mode.
	Mode Mode
	// Scopes is the catalogue: concrete scopes and templates, in order. Among the
	// APIs of one mode a definition belongs to one only; a second one is
	// ErrConflict.
	Scopes []string
	// Parameters are the types of the parameters in the templates, by name; one
	// that is not here has the type slug. A name that is here twice is ErrInvalid.
	Parameters []Parameter
	// Routes say which scopes a request to the API needs.
	Routes []Route
	// TokenFormat is how its access tokens look.
	TokenFormat TokenFormat
	// Algorithm signs its JWTs, by its JWA name: ES256, RS256, PS256, EdDSA.
	Algorithm string
	// Type is the typ header of its JWTs: at+jwt or JWT.
	Type string
	// AccessTokenLifetime is how long its access tokens live.
	AccessTokenLifetime time.Duration
	// RefreshTokenLifetime is how long its refresh tokens live, all generations of
	// a family together.
	RefreshTokenLifetime time.Duration
	// RefreshTokenIdleLifetime is within what time a refresh token must be used;
	// zero sets no such limit.
	RefreshTokenIdleLifetime time.Duration
	// NotBefore ends every token of the API that was issued before it; zero ends
	// none.
	NotBefore time.Time
	// ResourceServers are the keys that may introspect its tokens, by client id in
	// ascending byte order. CreateAPI ignores them; see AddResourceServer.
	ResourceServers      []string
	CreatedAt, UpdatedAt time.Time
}

// Parameter is the type of a parameter of scope templates, as package scope
// reads it.
type Parameter struct{ Name, Type string }

// Route is one kind of request to an API.
type Route struct {
	// Method is the HTTP method.
	Method string
	// Path is the path, with parameters like those of scope templates.
	Path string
	// Scopes are all needed; their parameters are those of Path. There may be none.
	Scopes []string
}

// Mode keeps trying things out apart from doing them. Any other than Live and
// Test is ErrInvalid.
type Mode string

// The modes.
const (
	// Live is for what counts.
	Live Mode = "live"
	// Test is for trying things out.
	Test Mode = "test"
)

// LongestAccessToken is the most that AccessTokenLifetime of an API or a key can
// be. What ends tokens is kept at least as long as they live.
const LongestAccessToken = 24 * time.Hour

// TokenFormat is how an access token looks to its bearer.
type TokenFormat string

// The token formats.
const (
	// JWT is a signed token by RFC 9068.
	JWT TokenFormat = "jwt"
	// Opaque is a sealed handle that only grantd can read.
	Opaque TokenFormat = "opaque"
)

// Client is a key: RFC 6749's client.
type Client struct {
	// ID is the client_id, unique.
	ID string
	// Name is for people.
	Name string
	// Owner is whose key it is: the provider's own name of a customer; may be empty.
	Owner string
	// GrantTypes are the grants it may use.
	GrantTypes []oauth.GrantType
	// AuthMethods are the ways it may authenticate.
	AuthMethods []oauth.AuthMethod
	// Mode is that of the APIs whose tokens it may get.
	Mode Mode
	// Scopes are what it was granted, in order: concrete scopes and templates, in
	// which parameters may be bound.
	Scopes []string
	// Policy is what else its requests must comply with.
	Policy Policy
	// Assertions say how it signs that it is itself.
	Assertions Assertions
	// AccessTokenLifetime replaces the API's; zero means the API's.
	AccessTokenLifetime time.Duration
	// Secrets are tried in this order, the oldest first.
	Secrets []Secret
	// KeepsRefreshTokens turns the rotation of refresh tokens off: a refresh
	// token can be used until it expires.
	KeepsRefreshTokens bool
	// Disabled keys get no tokens.
	Disabled bool
	// NotBefore ends every token of the key that was issued before it; zero ends
	// none.
	NotBefore            time.Time
	CreatedAt, UpdatedAt time.Time
}

// Secret is one secret of a key, as a hash.
type Secret struct {
	// ID is our own random name for it.
	ID string
	// Name is for people, unique among the secrets of its key.
	Name string
	// Hash is HMAC-SHA-256 under the pepper, or with Imported a PHC string. No two
	// secrets of a key have the same.
	Hash []byte
	// Imported says that another server made the hash.
	Imported  bool
	CreatedAt time.Time
	// ExpiresAt is from when on it is refused; zero means never.
	ExpiresAt time.Time
	// LastUsedAt and LastUsedFrom are when and from what address it was last used,
	// as far as RecordUses was told; zero and "" when it never was.
	LastUsedAt   time.Time
	LastUsedFrom string
}

// SigningKey is a key pair that signs tokens.
type SigningKey struct {
	// ID is the kid.
	ID string
	// Algorithm is the JWA name of what it signs with.
	Algorithm string
	// Sealed is the private key in PKCS #8, sealed under the master key.
	Sealed    []byte
	CreatedAt time.Time
	// ActivatesAt is from when on it signs, until a later one does.
	ActivatesAt time.Time
	// RevokedAt is from when on nothing it signed is valid; zero means not revoked.
	RevokedAt time.Time
}
