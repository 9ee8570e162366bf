package console

import (
	"fmt"
	"strconv"
	"strings"
)

// snippet is a program that gets a token with a key.
type snippet struct{ ID, Name, Text string }

// snippets are filled in with this server and a key. Without a scope the key gets all it
// can.
func snippets(issuer, id, secret, scope string) []snippet {
	endpoint := issuer + "/oauth2/token"
	form, extra, object := "", "", ""
	if scope != "" {
		form = " -d " + shellQuote("scope="+scope)
		extra = ", \"scope\": " + strconv.Quote(scope)
		object = ",\"scope\":" + strconv.Quote(scope)
	}
	body := fmt.Sprintf(`{"client_id":%q,"client_secret":%q,"grant_type":"client_credentials"%s}`, id, secret, object)
	return []snippet{
		{"curl", "curl", "curl -u " + shellQuote(id+":"+secret) + " -d grant_type=client_credentials" + form + " " + shellQuote(endpoint)},
		{"sdk", "JSON, as SDKs send it", "curl -H 'Content-Type: application/json' -d " + shellQuote(body) + " " + shellQuote(endpoint)},
		{"python", "Python", fmt.Sprintf(pythonText, endpoint, extra, id, secret)},
		{"node", "Node", fmt.Sprintf(nodeText, endpoint, id, secret, strings.ReplaceAll(extra, `"scope"`, "scope"))},
		{"go", "Go", fmt.Sprintf(goText, goScope(scope), endpoint, id, secret)},
		{"java", "Java", fmt.Sprintf(javaText, id+":"+secret, endpoint, javaScope(scope))},
	}
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func goScope(scope string) string {
	if scope == "" {
		return ""
	}
	return fmt.Sprintf("\n\tform.Set(\"scope\", %q)", scope)
}

func javaScope(scope string) string {
	if scope == "" {
		return ""
	}
	return fmt.Sprintf(` + "&scope=" + java.net.URLEncoder.encode(%q, "UTF-8")`, scope)
}

const pythonText = `import base64, json, urllib.parse, urllib.request

request = urllib.request.Request(
    %q,
    data=urllib.parse.urlencode({"grant_type": "client_credentials"%s}).encode(),
)
credentials = base64.b64encode(b"%s:%s").decode()
request.add_header("Authorization", "Basic " + credentials)
with urllib.request.urlopen(request) as response:
    print(json.load(response)["access_token"])
`

const nodeText = `const response = await fetch(%q, {
  method: "POST",
  headers: { Authorization: "Basic " + btoa("%s:%s") },
  body: new URLSearchParams({ grant_type: "client_credentials"%s }),
});
console.log((await response.json()).access_token);
`

const goText = `package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

func main() {
	form := url.Values{"grant_type": {"client_credentials"}}%s
	request, err := http.NewRequest("POST", %q, strings.NewReader(form.Encode()))
	if err != nil {
		panic(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(%q, %q)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	io.Copy(os.Stdout, response.Body)
	fmt.Println()
}
`

const javaText = `import java.net.URI;
import java.net.http.*;
import java.util.Base64;

public class Token {
    public static void main(String[] args) throws Exception {
        String credentials = Base64.getEncoder().encodeToString(%q.getBytes());
        HttpRequest request = HttpRequest.newBuilder(URI.create(%q))
            .header("Authorization", "Basic " + credentials)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"%s))
            .build();
        System.out.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
    }
}
`
