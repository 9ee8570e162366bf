package deploy

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grantd/grantd/test/blackbox"
)

const issuer = "issuer=https://auth.example.com"

// object is what these tests look at in a manifest, of whatever kind.
type object struct {
	Kind     string
	Metadata struct{ Name string }
	Data     map[string]string
	Spec     struct {
		Type     string
		Ports    []struct{ TargetPort string }
		Replicas int
		Ingress  []struct {
			Ports []struct{ Port string }
			From  []any
		}
		Egress         []struct{ To []any }
		MaxUnavailable int
		PolicyTypes    []string
		Template       struct{ Spec pod }
	}
}

type pod struct {
	EnableServiceLinks            *bool
	AutomountServiceAccountToken  *bool
	TerminationGracePeriodSeconds int
	TopologySpreadConstraints     []struct{ TopologyKey string }
	SecurityContext               struct {
		RunAsNonRoot        bool
		FSGroupChangePolicy string
		SeccompProfile      struct{ Type string }
	}
	Containers []struct {
		Args                                        []string
		Env                                         []variable
		Ports                                       []struct{ Name string }
		StartupProbe, LivenessProbe, ReadinessProbe struct {
			HTTPGet struct{ Path, Port, Scheme string }
		}
		SecurityContext struct {
			AllowPrivilegeEscalation *bool
			ReadOnlyRootFilesystem   bool
			Capabilities             struct{ Drop []string }
		}
	}
}

type variable struct {
	Name      string
	ValueFrom struct{ SecretKeyRef struct{ Name, Key string } }
}

// render renders the chart, checks that Kubernetes would understand all of it, and
// returns it by kind and name.
func render(t *testing.T, flags ...string) map[string]object {
	t.Helper()
	text := run(t, tool(t, "helm"), append([]string{"template", "release", deployFile(t, "helm/grantd")}, flags...)...)
	r := blackbox.Exec(t, text, tool(t, "check"), "kubernetes")
	if r.Code != 0 {
		t.Fatalf("the manifests are refused: %s", r.Stderr)
	}
	all := map[string]object{}
	for document := range strings.SplitSeq(text, "\n---\n") {
		var o object
		parseManifest(t, document, &o)
		all[o.Kind+"/"+o.Metadata.Name] = o
	}
	return all
}

// parseManifest reads YAML by way of JSON, to whose decoder the names of fields are
// the same in every case.
func parseManifest(t *testing.T, text string, into any) {
	t.Helper()
	var plain any
	parseYAML(t, text, &plain)
	asJSON, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	parseJSON(t, string(asJSON), into)
}

func names(all map[string]object) []string {
	var list []string
	for name := range all {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func TestChartIsSound(t *testing.T) {
	out := run(t, tool(t, "helm"), "lint", "--strict", deployFile(t, "helm/grantd"), "--set", issuer)
	if !strings.Contains(out, "0 chart(s) failed") {
		t.Errorf("helm lint says\n%s", out)
	}
}

func TestChartAsItComes(t *testing.T) {
	all := render(t, "--set", issuer)
	want := []string{"ConfigMap/release-grantd", "Service/release-grantd", "StatefulSet/release-grantd"}
	if !slices.Equal(names(all), want) {
		t.Errorf("got %q, want %q", names(all), want)
	}
	service := all["Service/release-grantd"].Spec
	if len(service.Ports) != 1 || service.Ports[0].TargetPort != "public" || service.Type != "ClusterIP" {
		t.Errorf("got %+v, want the public listener alone, inside of the cluster", service)
	}
	set := all["StatefulSet/release-grantd"].Spec
	if set.Replicas != 1 {
		t.Errorf("got %d replicas, want one on its volume", set.Replicas)
	}
	spec := set.Template.Spec
	checkPatience(t, time.Duration(spec.TerminationGracePeriodSeconds)*time.Second)
	if spec.EnableServiceLinks == nil || *spec.EnableServiceLinks {
		t.Error("variables named after Services reach grantd, which refuses those it does not know")
	}
	context, container := spec.SecurityContext, spec.Containers[0]
	inner := container.SecurityContext
	switch {
	case !context.RunAsNonRoot, context.SeccompProfile.Type != "RuntimeDefault",
		context.FSGroupChangePolicy != "OnRootMismatch",
		spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken,
		inner.AllowPrivilegeEscalation == nil || *inner.AllowPrivilegeEscalation,
		!inner.ReadOnlyRootFilesystem, !slices.Equal(inner.Capabilities.Drop, []string{"ALL"}):
		t.Errorf("the pod may do more than it needs: %+v, %+v", context, inner)
	}
	if len(container.Ports) != 1 || len(container.Env) != 0 {
		t.Errorf("got ports %v and variables %v, want the public port and none", container.Ports, container.Env)
	}
	for name, got := range map[string]struct{ Path, Port, Scheme string }{
		"/healthz": container.LivenessProbe.HTTPGet,
		"/readyz":  container.ReadinessProbe.HTTPGet,
	} {
		if got.Path != name || got.Port != "public" || got.Scheme != "HTTP" {
			t.Errorf("got probe %+v, want %s of the public listener", got, name)
		}
	}
}

func TestChartWithEverything(t *testing.T) {
	all := render(t, "--set", issuer+",admin.service.enabled=true,networkPolicy.enabled=true,tls.existingSecret=crt,"+
		"keys.existingSecret=keys,drainTimeoutSeconds=90,config.log.level=warn,service.type=LoadBalancer,"+
		"persistence.storageClassName=fast,podAnnotations.team=auth,nodeSelector.disk=ssd,imagePullSecrets[0].name=pull",
		"--set-json", `networkPolicy.adminFrom=[{"namespaceSelector":{}}]`,
		"--set-json", `tolerations=[{"key":"dedicated","operator":"Exists"}]`,
		"--set-json", `affinity={"nodeAffinity":{}}`)
	admin := all["Service/release-grantd-admin"].Spec
	if len(admin.Ports) != 1 || admin.Ports[0].TargetPort != "admin" || admin.Type != "ClusterIP" {
		t.Errorf("got %+v, want the admin listener inside of the cluster, whatever the public one is", admin)
	}
	policy := all["NetworkPolicy/release-grantd"].Spec
	if len(policy.Ingress) != 2 || len(policy.Ingress[0].From) != 0 || len(policy.Ingress[1].From) != 1 ||
		len(policy.Egress) != 0 || !slices.Contains(policy.PolicyTypes, "Egress") {
		t.Errorf("got %+v, want all to the public listener, one peer to the admin listener, and no way out", policy)
	}
	spec := all["StatefulSet/release-grantd"].Spec.Template.Spec
	if spec.TerminationGracePeriodSeconds <= 90 {
		t.Errorf("the pod is killed after %d s, while requests may take 90 s", spec.TerminationGracePeriodSeconds)
	}
	var variables []string
	for _, variable := range spec.Containers[0].Env {
		variables = append(variables, variable.Name)
	}
	if !slices.Equal(variables, []string{"GRANTD_MASTER_KEY", "GRANTD_PEPPER"}) {
		t.Errorf("got variables %q, want the keys of the Secret", variables)
	}
	if spec.Containers[0].ReadinessProbe.HTTPGet.Scheme != "HTTPS" {
		t.Error("the probe does not speak TLS")
	}

	// grantd itself reads the configuration file.
	file := filepath.Join(t.TempDir(), "grantd.yaml")
	writeFile(t, file, all["ConfigMap/release-grantd"].Data["grantd.yaml"], 0o600)
	r := blackbox.Run(t, "", "config", "print", "--config", file)
	for _, want := range []string{
		"issuer: https://auth.example.com #", "admin_listen: :8081 #", "drain_timeout: 1m30s #",
		"cert_file: /etc/grantd-tls/tls.crt #", "level: warn #",
	} {
		if !strings.Contains(r.Stdout, want) {
			t.Errorf("want %q in what grantd reads\n%s%s", want, r.Stdout, r.Stderr)
		}
	}
}

func TestChartOnPostgreSQL(t *testing.T) {
	values := issuer + ",replicas=3,database.existingSecret=db,keys.existingSecret=keys,networkPolicy.enabled=true"
	all := render(t, "--set", values)
	set := all["StatefulSet/release-grantd"].Spec
	if set.Replicas != 3 || len(set.Template.Spec.TopologySpreadConstraints) != 1 {
		t.Errorf("got %d replicas, spread by %v; want three on machines of their own", set.Replicas, set.Template.Spec.TopologySpreadConstraints)
	}
	var variables []string
	for _, variable := range set.Template.Spec.Containers[0].Env {
		variables = append(variables, variable.Name+" from "+variable.ValueFrom.SecretKeyRef.Name+" "+variable.ValueFrom.SecretKeyRef.Key)
	}
	want := []string{"GRANTD_MASTER_KEY from keys master.key", "GRANTD_PEPPER from keys pepper.key", "GRANTD_DATABASE_URL from db url"}
	if !slices.Equal(variables, want) {
		t.Errorf("got variables %q, want %q", variables, want)
	}
	budget, ok := all["PodDisruptionBudget/release-grantd"]
	if !ok || budget.Spec.MaxUnavailable != 1 {
		t.Errorf("got %+v, want one node away at a time", budget)
	}
	egress := all["NetworkPolicy/release-grantd"].Spec.Egress
	if len(egress) != 2 || len(egress[1].To) != 0 {
		t.Errorf("got %+v, want a way to names and one to anywhere", egress)
	}
	all = render(t, "--set", values, "--set-json", `networkPolicy.databaseTo=[{"ipBlock":{"cidr":"192.0.2.0/24"}}]`)
	egress = all["NetworkPolicy/release-grantd"].Spec.Egress
	if len(egress) != 2 || len(egress[1].To) != 1 {
		t.Errorf("got %+v, want a way to names and one to the database", egress)
	}
}

func TestChartRefuses(t *testing.T) {
	for _, test := range []struct{ name, values, want string }{
		{"no issuer", "service.port=80", "issuer is required"},
		{"an issuer with a slash at its end", "issuer=https://auth.example.com/", "/issuer"},
		{"a value that it does not know", issuer + ",replica=3", "replica"},
		{"several nodes without a database that they share", issuer + ",replicas=3", "set database.existingSecret"},
		{"no node", issuer + ",replicas=0", "replicas"},
		{"nodes on PostgreSQL that each make keys of their own", issuer + ",database.existingSecret=db", "set keys.existingSecret"},
		{"the URL of the database in the values", issuer + ",config.database_url=postgres://a:b@c/d", "database_url"},
		{"a setting of its own among the further ones", issuer + ",config.listen=:9090", "listen"},
		{"a key in the values", issuer + ",config.master_key=secret", "master_key"},
		{"an admin Service outside of the cluster", issuer + ",admin.service.type=LoadBalancer", "type"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := blackbox.Exec(t, "", tool(t, "helm"), "template", "release", deployFile(t, "helm/grantd"), "--set", test.values)
			if r.Code == 0 || !strings.Contains(r.Stderr, test.want) {
				t.Errorf("got exit code %d, %s; want a refusal that says %q", r.Code, r.Stderr, test.want)
			}
		})
	}
	t.Run("a key that Kubernetes does not know", func(t *testing.T) {
		r := blackbox.Exec(t, "apiVersion: v1\nkind: Service\nspec:\n  portz: []\n", tool(t, "check"), "kubernetes")
		if r.Code != 1 || !strings.Contains(r.Stderr, "portz") {
			t.Errorf("got code %d, %s; want portz refused", r.Code, r.Stderr)
		}
	})
}
