package report;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;

/** What the runner gives a program and wants from it: the environment in, JSON lines out. */
public class Report {
    public interface Verifier {
        Map<String, ?> verify(String token) throws Exception;
    }

    public static String env(String name) {
        return System.getenv(name);
    }

    /** Pairs of name and value; what the library does not know (null) is left out. */
    public static Map<String, Object> of(Object... pairs) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i + 1] != null) {
                object.put((String) pairs[i], pairs[i + 1]);
            }
        }
        return object;
    }

    /** Prints the answer of a client program, or what its user would read in the stack trace. */
    public static void print(Callable<Map<String, Object>> program) {
        Map<String, Object> answer;
        try {
            answer = program.call();
        } catch (Exception e) {
            answer = of("error", causes(e));
        }
        System.out.println(JSONObjectUtils.toJSONString(answer));
    }

    /** Answers each token on stdin with the claims that the library hands over, or with its refusal. */
    public static void verify(Verifier verifier) {
        new BufferedReader(new InputStreamReader(System.in)).lines().forEach(token -> print(() -> {
            try {
                Map<String, ?> claims = verifier.verify(token);
                return of("ok", true, "sub", claims.get("sub"), "scope", claims.get("scope"));
            } catch (Exception e) {
                return of("ok", false, "error", causes(e));
            }
        }));
    }

    private static String causes(Throwable e) {
        return e.getCause() == null ? e.toString() : e + "; caused by " + causes(e.getCause());
    }
}
