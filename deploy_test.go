package leadport_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/leadport/leadport/internal/app"
)

// variables are those of the environment that the program reads.
func variables() []string {
	all := []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL"}
	c := reflect.TypeFor[app.Config]()
	for i := range c.NumField() {
		name, _, _ := strings.Cut(c.Field(i).Tag.Get("env"), ",")
		all = append(all, name)
	}
	return all
}

// Every variable that the program reads is in docs/operations.md, and every one
// that is named there or in an example is read.
func TestDocsVariables(t *testing.T) {
	operations, err := os.ReadFile("docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	known := variables()
	for _, name := range known {
		if !bytes.Contains(operations, []byte("`"+name+"`")) {
			t.Errorf("docs/operations.md does not name %s", name)
		}
	}
	examples, err := filepath.Glob("docs/deploy/*")
	if err != nil || len(examples) < 4 {
		t.Fatalf("%d examples, %v", len(examples), err)
	}
	for _, file := range append(examples, "docs/operations.md", "README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`\b(LEADPORT|AWS)_[A-Z_]+\b`).FindAllString(string(text), -1) {
			if !slices.Contains(known, name) {
				t.Errorf("%s names %s, which nothing reads", file, name)
			}
		}
	}
}

// program builds leadport.
func program(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "leadport")
	build := exec.Command("go", "build", "-o", bin, "./cmd/leadport")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// The examples for systemd, containers, compose and Kubernetes call leadport with
// flags that it has, and are sound in themselves.
func TestDeploy(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	bin := program(t)
	serve := func(t *testing.T, args []string) {
		t.Helper()
		if len(args) < 3 || args[0] != "serve" {
			t.Fatalf("calls leadport %v", args)
		}
		// Help behind the flags: they are parsed, and nothing is served.
		if out, err := exec.Command(bin, append(args, "--help")...).CombinedOutput(); err != nil {
			t.Errorf("leadport %v: %v\n%s", args, err, out)
		}
	}

	t.Run("systemd", func(t *testing.T) {
		text := string(readFile(t, "docs/deploy/leadport.service"))
		run := regexp.MustCompile(`(?m)^ExecStart=(\S+) (.*)$`).FindStringSubmatch(text)
		if run == nil {
			t.Fatal("no ExecStart")
		}
		serve(t, strings.Fields(run[2]))
		unit := filepath.Join(t.TempDir(), "leadport.service")
		if err := os.WriteFile(unit, []byte(strings.Replace(text, run[1], bin, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := exec.LookPath("systemd-analyze"); err != nil && os.Getenv("CI") != "true" {
			t.Skip("needs systemd-analyze (Debian: apt-get install systemd)")
		}
		if out, err := exec.Command("systemd-analyze", "verify", "--man=no", unit).CombinedOutput(); err != nil || bytes.Contains(out, []byte("leadport.service")) {
			t.Errorf("%v\n%s", err, out)
		}
	})

	t.Run("container", func(t *testing.T) {
		text := string(readFile(t, "docs/deploy/Containerfile"))
		command := regexp.MustCompile(`(?m)^CMD (\[.*\])$`).FindStringSubmatch(text)
		build := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 go build \S+ -o \S+ ./cmd/leadport)\b`).FindStringSubmatch(text)
		if command == nil || build == nil {
			t.Fatal("no CMD, or it is built in another way")
		}
		var args []string
		if err := yaml.Unmarshal([]byte(command[1]), &args); err != nil {
			t.Fatal(err)
		}
		serve(t, args)
		for _, line := range regexp.MustCompile(`(?m)^[A-Z]+`).FindAllString(text, -1) {
			if !slices.Contains([]string{"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "ENTRYPOINT", "CMD"}, line) {
				t.Errorf("no instruction %s", line)
			}
		}
		variables := regexp.MustCompile(`(?m)^ENV (.*)$`).FindStringSubmatch(text)
		user := regexp.MustCompile(`(?m)^USER (\d+):(\d+)$`).FindStringSubmatch(text)
		if variables == nil || user == nil || user[1] != user[2] {
			t.Fatal("no ENV, or another USER")
		}
		id, _ := strconv.Atoi(user[1])
		fromScratch(t, bin, id, strings.Fields(variables[1]), args)
	})

	t.Run("compose", func(t *testing.T) {
		var file struct {
			Services map[string]struct {
				Build     struct{ Context, Dockerfile string }
				DependsOn any `yaml:"depends_on"`
				Volumes   []string
			}
			Volumes map[string]any
		}
		if err := yaml.Unmarshal(readFile(t, "docs/deploy/compose.yaml"), &file); err != nil {
			t.Fatal(err)
		}
		for name, s := range file.Services {
			if s.Build.Dockerfile != "" {
				if _, err := os.Stat(filepath.Join("docs/deploy", s.Build.Context, s.Build.Dockerfile)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			var needs []string
			switch d := s.DependsOn.(type) {
			case []any:
				for _, n := range d {
					needs = append(needs, n.(string))
				}
			case map[string]any:
				for n := range d {
					needs = append(needs, n)
				}
			}
			for _, n := range needs {
				if _, found := file.Services[n]; !found {
					t.Errorf("%s needs %s, which there is not", name, n)
				}
			}
			for _, v := range s.Volumes {
				volume, _, _ := strings.Cut(v, ":")
				if _, found := file.Volumes[volume]; !found {
					t.Errorf("%s has the volume %s, which there is not", name, volume)
				}
			}
		}
		if len(file.Services) != 5 {
			t.Errorf("%d services", len(file.Services))
		}
	})

	t.Run("kubernetes", func(t *testing.T) {
		type probe struct {
			HTTPGet struct{ Path, Port string } `yaml:"httpGet"`
		}
		type object struct {
			APIVersion string `yaml:"apiVersion"`
			Kind       string
			Metadata   struct{ Name string }
			StringData map[string]string `yaml:"stringData"`
			Spec       struct {
				Selector any
				Ports    []struct{ TargetPort string }
				Template struct {
					Metadata struct{ Labels map[string]string }
					Spec     struct {
						TerminationGracePeriodSeconds int `yaml:"terminationGracePeriodSeconds"`
						Containers                    []struct {
							Args  []string
							Ports []struct {
								Name          string
								ContainerPort int `yaml:"containerPort"`
							}
							Env []struct {
								Name      string
								ValueFrom struct {
									SecretKeyRef struct{ Name, Key string } `yaml:"secretKeyRef"`
								} `yaml:"valueFrom"`
							}
							Ready        probe                   `yaml:"readinessProbe"`
							Live         probe                   `yaml:"livenessProbe"`
							Start        probe                   `yaml:"startupProbe"`
							VolumeMounts []struct{ Name string } `yaml:"volumeMounts"`
						}
						Volumes []struct{ Name string }
					}
				}
				VolumeClaimTemplates []struct{ Metadata struct{ Name string } } `yaml:"volumeClaimTemplates"`
			}
		}
		all := map[string]object{}
		in := yaml.NewDecoder(bytes.NewReader(readFile(t, "docs/deploy/kubernetes.yaml")))
		for {
			var o object
			err := in.Decode(&o)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if o.APIVersion == "" || o.Kind == "" || o.Metadata.Name == "" {
				t.Errorf("an object without kind or name: %+v", o)
			}
			all[o.Kind] = o
		}
		pod := all["StatefulSet"].Spec.Template.Spec
		if len(pod.Containers) != 1 || pod.TerminationGracePeriodSeconds < 15 {
			t.Fatalf("%+v", pod)
		}
		c := pod.Containers[0]
		serve(t, c.Args)
		ports := map[string]bool{}
		for _, p := range c.Ports {
			ports[p.Name] = true
			if !strings.Contains(strings.Join(c.Args, " "), ":"+strconv.Itoa(p.ContainerPort)) {
				t.Errorf("nothing listens on the port %s", p.Name)
			}
		}
		for _, p := range []probe{c.Ready, c.Live, c.Start} {
			if !ports[p.HTTPGet.Port] || !slices.Contains([]string{"/healthz", "/readyz"}, p.HTTPGet.Path) {
				t.Errorf("a probe asks %+v", p)
			}
		}
		for _, e := range c.Env {
			if key := e.ValueFrom.SecretKeyRef.Key; key != "" && all["Secret"].StringData[key] == "" {
				t.Errorf("%s comes from %s, which the secret has not", e.Name, key)
			}
		}
		volumes := []string{}
		for _, v := range pod.Volumes {
			volumes = append(volumes, v.Name)
		}
		for _, v := range all["StatefulSet"].Spec.VolumeClaimTemplates {
			volumes = append(volumes, v.Metadata.Name)
		}
		for _, m := range c.VolumeMounts {
			if !slices.Contains(volumes, m.Name) {
				t.Errorf("no volume %s", m.Name)
			}
		}
	})
}

// fromScratch runs the program as the image does: as that user, with the image's
// environment and command, in a root that holds nothing else, where only /data
// and /tmp can be written, and with a network of its own, since the ports are
// given. It takes the first administrator's password as docs/operations.md says,
// without which it would refuse to serve, then serves and ends.
func fromScratch(t *testing.T, bin string, id int, env, args []string) {
	root, host := t.TempDir(), os.Getuid()
	if host == 0 {
		host = id
	}
	for _, dir := range []string{"data", "tmp"} {
		if err := errors.Join(os.Mkdir(filepath.Join(root, dir), 0o700), os.Chown(filepath.Join(root, dir), host, -1)); err != nil {
			t.Fatal(err)
		}
	}
	for dir := root; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) { // t.TempDir is ours only
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(bin, filepath.Join(root, "leadport")); err != nil {
		t.Fatal(err)
	}
	start := func(args ...string) (*exec.Cmd, *bytes.Buffer) {
		cmd, said := exec.Command("/leadport", args...), &bytes.Buffer{}
		cmd.Path, cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = "/leadport", "/", env, said, said
		cmd.Stdin = strings.NewReader("correct horse battery\n")
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: id, HostID: host, Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: id, HostID: os.Getgid(), Size: 1}},
			Credential:  &syscall.Credential{Uid: uint32(id), Gid: uint32(id), NoSetGroups: true}}
		if err := cmd.Start(); err != nil {
			t.Fatalf("leadport %v: %v", args, err)
		}
		return cmd, said
	}
	password, answer := start("user", "password", "admin")
	if err := password.Wait(); err != nil || !strings.Contains(answer.String(), "admin can sign in.") {
		t.Fatalf("leadport user password admin: %v\n%s", err, answer)
	}
	node, said := start(args...)
	defer node.Process.Kill()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(root, "data", "server.sock")); err == nil {
			break
		}
		if time.Since(began) > 20*time.Second {
			node.Process.Kill()
			node.Wait()
			t.Fatalf("it does not serve\n%s", said)
		}
	}
	if list, answer := start("user", "list"); list.Wait() != nil || !strings.Contains(answer.String(), "admin") {
		t.Errorf("leadport user list beside it:\n%s", answer)
	}
	node.Process.Signal(syscall.SIGTERM)
	if err := node.Wait(); err != nil {
		t.Errorf("it ends with %v\n%s", err, said)
	}
	if strings.Contains(said.String(), `"level":"ERROR"`) {
		t.Errorf("%s", said)
	}
	made, err := os.ReadDir(root)
	if err != nil || len(made) != 3 {
		t.Errorf("the image's root holds %v (%v)", made, err)
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
