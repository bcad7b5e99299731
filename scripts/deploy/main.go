// Deploy checks the examples for compose and Kubernetes against what those are
// made of: compose's own loader, and the types of Kubernetes' API, where a field
// that there is not is an error. It is a module of its own, as nothing else needs
// what it does. make deploy runs it.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/cli"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
)

func main() {
	dir := os.Args[1]
	err := errors.Join(
		named("compose.yaml", compose(filepath.Join(dir, "compose.yaml"))),
		named("kubernetes.yaml", kubernetes(filepath.Join(dir, "kubernetes.yaml"))))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func named(file string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func compose(file string) error {
	o, err := cli.NewProjectOptions([]string{file}, cli.WithName("leadport"), cli.WithEnv([]string{"POSTGRES_PASSWORD=a", "S3_SECRET=b"}))
	if err != nil {
		return err
	}
	p, err := o.LoadProject(context.Background())
	if err == nil {
		fmt.Printf("compose: %d services\n", len(p.Services))
	}
	return err
}

func kubernetes(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	scheme := runtime.NewScheme()
	if err := errors.Join(apps.AddToScheme(scheme), core.AddToScheme(scheme), policy.AddToScheme(scheme)); err != nil {
		return err
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	for in := yaml.NewYAMLReader(bufio.NewReader(f)); ; {
		text, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		_, kind, err := decoder.Decode(bytes.TrimSpace(text), nil, nil)
		if err != nil {
			return err
		}
		fmt.Printf("kubernetes: %s\n", kind)
	}
}
