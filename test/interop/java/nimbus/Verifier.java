package nimbus;

import static report.Report.env;

import com.nimbusds.jose.*;
import com.nimbusds.jose.jwk.source.*;
import com.nimbusds.jose.proc.*;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.*;
import java.net.URL;
import java.util.Set;
import report.Report;

public class Verifier {
    public static void main(String[] args) throws Exception {
        JWKSource<SecurityContext> keys = JWKSourceBuilder.create(new URL(env("JWKS_URI"))).build();
        var types = new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType("at+jwt"), JOSEObjectType.JWT);
        var claims = new DefaultJWTClaimsVerifier<>(
                env("AUDIENCE"), new JWTClaimsSet.Builder().issuer(env("ISSUER")).build(), Set.of("sub", "exp"));
        claims.setMaxClockSkew(0);
        JWSAlgorithm algorithm = JWSAlgorithm.parse(env("ALGORITHM"));
        if (algorithm.equals(JWSAlgorithm.EdDSA)) {
            Report.verify(new EdDSAVerifier(keys, types, claims));
            return;
        }
        var processor = new DefaultJWTProcessor<>();
        processor.setJWSTypeVerifier(types);
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(algorithm, keys));
        processor.setJWTClaimsSetVerifier(claims);
        Report.verify(token -> processor.process(token, null).getClaims());
    }
}
