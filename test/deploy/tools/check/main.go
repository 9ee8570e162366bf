// Command check reads deployment files as the programs that they are for do, and
// refuses a key that those would not know: "check kubernetes" reads manifests
// from standard input, "check compose FILE" a Compose file.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 2 && os.Args[1] == "kubernetes":
		err = checkManifests(os.Stdin, os.Stdout)
	case len(os.Args) == 3 && os.Args[1] == "compose":
		err = checkCompose(os.Args[2])
	default:
		err = errors.New("usage: check kubernetes <MANIFESTS, or check compose FILE")
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "check: error: %v\n", err)
		os.Exit(1)
	}
}

// checkManifests decodes each document into the type that its kind has in
// Kubernetes, strictly, and prints the kinds.
func checkManifests(in io.Reader, out io.Writer) error {
	decoder := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	documents := yaml.NewYAMLReader(bufio.NewReader(in))
	for {
		text, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the manifests: %w", err)
		}
		_, kind, err := decoder.Decode(text, nil, nil)
		if err != nil {
			return fmt.Errorf("%w in\n%s", err, text)
		}
		fmt.Fprintln(out, kind.Kind)
	}
}

// checkCompose loads the file with the loader and the schema of Compose.
func checkCompose(file string) error {
	options, err := cli.NewProjectOptions([]string{file}, cli.WithName("check"))
	if err != nil {
		return err
	}
	_, err = options.LoadProject(context.Background())
	return err
}
