package nimbus;

import com.nimbusds.jose.crypto.Ed25519Verifier;
import com.nimbusds.jose.jwk.*;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.*;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.*;
import java.util.Map;
import report.Report;

/** DefaultJWTProcessor knows no EdDSA: its steps one by one. */
record EdDSAVerifier(
        JWKSource<SecurityContext> keys, JOSEObjectTypeVerifier<SecurityContext> types, JWTClaimsSetVerifier<SecurityContext> claims)
        implements Report.Verifier {
    @Override
    public Map<String, ?> verify(String token) throws Exception {
        SignedJWT jwt = SignedJWT.parse(token);
        types.verify(jwt.getHeader().getType(), null);
        JWKMatcher matcher = new JWKMatcher.Builder(JWKMatcher.forJWSHeader(jwt.getHeader())).curve(Curve.Ed25519).build();
        JWK key = keys.get(new JWKSelector(matcher), null).stream().findFirst().orElseThrow();
        if (!jwt.verify(new Ed25519Verifier(key.toOctetKeyPair()))) {
            throw new BadJWSException("invalid signature");
        }
        claims.verify(jwt.getJWTClaimsSet(), null);
        return jwt.getJWTClaimsSet().getClaims();
    }
}
