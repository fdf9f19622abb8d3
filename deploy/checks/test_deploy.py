"""What is shipped for deployment, held against schemas, linters and the binary itself; no cluster, no registry.

`cargo xtask deploy` runs it, in an environment that has requirements.txt, with ARGOSY_BIN.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import kubernetes_validate
import yaml

DEPLOY = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent
BINARY = os.environ["ARGOSY_BIN"]
DOORS = {"store-api", "storefront"}
NAME = "app.kubernetes.io/name"
# Labels that let a pod through to a server, and the secrets with which it is let in there.
SERVERS = {"database": "argosy-database", "redis": "argosy-redis", "blobs": "argosy-blobs", "mail": "argosy-mail"}


def run(*words, env=None):
    """What a program says; a test that needs it to succeed fails with all it said."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **(env or {})}
    done = subprocess.run([str(word) for word in words], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, words))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def targets():
    """Whom each target calls, and whose facts it reads, as the binary says."""
    calls = {}
    for line in run(BINARY, "targets").splitlines():
        name, asked = line.split()[0], line.rsplit(" calls ", 1)[1].strip()
        called, _, heard = asked.partition("; hears ")
        calls[name] = {other for others in (called, heard) for other in others.split(", ") if other not in ("", "-")}
    return calls


def kustomized(folder):
    return list(yaml.safe_load_all(run(TOOLS / "kubectl", "kustomize", DEPLOY / "kubernetes" / folder)))


def by_name(documents, kind):
    return {document["metadata"]["name"]: document for document in documents if document["kind"] == kind}


def accepts(environment, *flags):
    """The binary refuses a setting that it does not know, or that is wrong, and a file that is not there."""
    with tempfile.TemporaryDirectory() as folder:
        values = {"URL": "postgres://127.0.0.1/argosy", "REDIS__URL": "redis://127.0.0.1", "SMTP_URL": "smtp://127.0.0.1"}
        given = {}
        for name, value in environment.items():
            if name.endswith("_FILE"):
                known = [text for end, text in values.items() if name.endswith(f"{end}_FILE")]
                path = Path(folder, name)
                path.write_text(known[-1] if known else "secret", encoding="utf-8")
                value = str(path)
            given[name] = value
        return run(BINARY, "config", "--data", folder, *flags, env=given)


class Container(unittest.TestCase):
    def test_the_dockerfile_is_clean(self):
        run(TOOLS / "hadolint", "--failure-threshold", "style", DEPLOY / "Dockerfile")

    def test_the_compose_file_is_one(self):
        run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")

    def test_the_fleet_of_compose_runs_every_target_once_and_finds_it(self):
        services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
        role_of = {}
        for role, service in services.items():
            command = service.get("command") or []
            if "--services" in command:
                for target in command[-1].split(","):
                    self.assertNotIn(target, role_of)
                    role_of[target] = role
        calls = targets()
        self.assertEqual(role_of.keys(), calls.keys())
        self.assertEqual(len(set(role_of.values())), 6)
        for role in set(role_of.values()):
            environment = services[role]["environment"]
            accepts(environment)
            found = dict(re.findall(r'([\w-]+)="http://([\w-]+):9090"', environment["ARGOSY_ADDRESSES"]))
            self.assertEqual(found, {name: of for name, of in role_of.items() if name not in DOORS})


class Kubernetes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base, cls.migrate = kustomized("base"), kustomized("migrate")
        cls.lag, cls.mesh = kustomized("lag"), kustomized("mesh")
        text = (DEPLOY / "kubernetes" / "secrets.example.yaml").read_text(encoding="utf-8")
        cls.secrets = list(yaml.safe_load_all(text))
        cls.calls = targets()
        cls.deployments = by_name(cls.base, "Deployment")

    def pods(self):
        for document in self.base + self.migrate:
            if document["kind"] in ("Deployment", "Job"):
                yield document["metadata"]["name"], document["spec"]["template"]

    def test_every_manifest_is_what_its_kind_says(self):
        for document in self.base + self.migrate + self.lag + self.mesh + self.secrets:
            with self.subTest(kind=document["kind"], name=document["metadata"]["name"]):
                kubernetes_validate.validate(document, "1.37", strict=True)

    def test_every_target_is_deployed_served_scaled_and_spared(self):
        self.assertEqual(self.deployments.keys(), self.calls.keys())
        for kind in ("Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "ServiceAccount"):
            self.assertEqual(by_name(self.base, kind).keys(), self.calls.keys(), kind)
        for name, deployment in self.deployments.items():
            container = deployment["spec"]["template"]["spec"]["containers"][0]
            self.assertEqual(container["args"], ["serve", f"--services={name}"])

    def test_by_lag_are_scaled_those_who_apply_facts_and_nothing_else_changes(self):
        behind = {"metric": {"name": "argosy_consumer_lag"}, "target": {"type": "AverageValue", "averageValue": "1000"}}
        base = kustomized("base")
        scaled = by_name(base, "HorizontalPodAutoscaler")
        for name in ("orders", "notifications", "search"):
            scaled[name]["spec"]["metrics"].append({"type": "Pods", "pods": behind})
        self.assertEqual(by_name(self.lag, "HorizontalPodAutoscaler"), scaled)
        rest = lambda documents: [d for d in documents if d["kind"] != "HorizontalPodAutoscaler"]
        self.assertEqual(rest(self.lag), rest(base))

    def test_in_a_mesh_every_pod_has_its_proxy_and_may_ask_the_mesh(self):
        annotations = {"linkerd.io/inject": "enabled", "config.linkerd.io/opaque-ports": "5432,6379,4222"}
        base = kustomized("base")
        for deployment in by_name(base, "Deployment").values():
            deployment["spec"]["template"]["metadata"].setdefault("annotations", {}).update(annotations)
        self.assertEqual(by_name(self.mesh, "Deployment"), by_name(base, "Deployment"))
        known = by_name(base, "NetworkPolicy").keys() | {"mesh"}
        self.assertEqual(by_name(self.mesh, "NetworkPolicy").keys(), known)

    def test_callers_find_all_replicas_of_what_they_call(self):
        [settings] = [c["data"] for c in self.base if c["kind"] == "ConfigMap"]
        found = dict(re.findall(r'([\w-]+)="dns\+http://([\w-]+):9090"', settings["ARGOSY_ADDRESSES"]))
        self.assertEqual(found, {name: name for name in self.calls.keys() - DOORS})
        for name, service in by_name(self.base, "Service").items():
            self.assertEqual(service["spec"].get("clusterIP") == "None", name not in DOORS, name)

    def test_the_policies_let_through_exactly_what_the_targets_call(self):
        policies = by_name(self.base, "NetworkPolicy")
        for name, calls in self.calls.items():
            with self.subTest(target=name):
                spec = policies[name]["spec"]
                self.assertEqual(spec["podSelector"], {"matchLabels": {NAME: name}})
                self.assertEqual(set(spec["policyTypes"]), {"Ingress", "Egress"})
                self.assertEqual(self.peers(spec.get("egress"), "to"), calls)
                callers = {caller for caller, called in self.calls.items() if name in called}
                if name in DOORS:
                    self.assertEqual(callers, set())
                    self.assertEqual([rule["ports"] for rule in spec["ingress"]], [[{"port": "http", "protocol": "TCP"}]])
                else:
                    self.assertEqual(self.peers(spec["ingress"], "from"), callers)

    def peers(self, rules, direction):
        """Who is named by rules that may name nothing but targets, at the port of calls."""
        named = set()
        for rule in rules or []:
            self.assertEqual(rule.keys(), {direction, "ports"})
            self.assertEqual(rule["ports"], [{"port": 9090, "protocol": "TCP"}])
            for peer in rule[direction]:
                self.assertEqual(peer.keys(), {"podSelector"})
                labels = peer["podSelector"]["matchLabels"]
                self.assertEqual(labels.keys(), {NAME})
                named.add(labels[NAME])
        return named

    def test_nothing_is_let_through_that_no_policy_names(self):
        policies = by_name(self.base, "NetworkPolicy")
        everything = policies["nothing-else"]["spec"]
        self.assertEqual(everything, {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
        known = {"nothing-else", "names", "metrics", "providers", *SERVERS, *self.calls}
        self.assertEqual(policies.keys(), known)

    def test_who_has_the_key_of_a_server_reaches_it_and_nobody_else(self):
        policies = by_name(self.base, "NetworkPolicy")
        for server, secret in SERVERS.items():
            label = {f"argosy/uses-{server}": "true"}
            self.assertEqual(policies[server]["spec"]["podSelector"]["matchLabels"], label)
            for name, pod in self.pods():
                mounted = {volume.get("secret", {}).get("secretName") for volume in pod["spec"]["volumes"]}
                labelled = label.items() <= pod["metadata"]["labels"].items()
                self.assertEqual(labelled, secret in mounted, f"{name} and {server}")

    def test_every_key_that_is_read_is_in_the_example_of_the_secrets(self):
        there = {(s["metadata"]["name"], key) for s in self.secrets for key in s["stringData"]}
        read = set()
        for _, pod in self.pods():
            for variable in pod["spec"]["containers"][0].get("env", []):
                if variable["value"].startswith("/secrets/"):
                    read.add(tuple(variable["value"].split("/")[2:]))
        self.assertEqual(read, there)

    def test_the_binary_takes_the_settings_of_every_pod(self):
        settings = {c["metadata"]["name"]: c["data"] for c in self.base if c["kind"] == "ConfigMap"}
        for name, pod in self.pods():
            with self.subTest(pod=name):
                container = pod["spec"]["containers"][0]
                environment = {}
                for source in container.get("envFrom", []):
                    environment |= settings[source["configMapRef"]["name"]]
                environment |= {variable["name"]: variable["value"] for variable in container.get("env", [])}
                accepts(environment)

    def test_every_pod_has_no_more_rights_than_it_needs(self):
        for name, pod in self.pods():
            with self.subTest(pod=name):
                spec = pod["spec"]
                self.assertIs(spec["automountServiceAccountToken"], False)
                self.assertIs(spec["enableServiceLinks"], False)
                self.assertIs(spec["securityContext"]["runAsNonRoot"], True)
                self.assertEqual(spec["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                [container] = spec["containers"]
                rights = {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                }
                self.assertEqual(container["securityContext"], rights)
                self.assertIn("memory", container["resources"]["limits"])
                self.assertLessEqual({"cpu", "memory"}, container["resources"]["requests"].keys())

    def test_a_pod_has_the_time_to_finish_what_is_in_flight(self):
        config = run(BINARY, "config")
        drain_s = int(re.search(r"^http\.drain_timeout_s = (\d+)", config, re.MULTILINE)[1])
        for name, deployment in self.deployments.items():
            spec = deployment["spec"]["template"]["spec"]
            pause_s = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
            self.assertGreater(spec["terminationGracePeriodSeconds"], pause_s + drain_s, name)

    def test_every_process_is_asked_how_it_is(self):
        paths = {"startupProbe": "/readyz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
        for name, deployment in self.deployments.items():
            container = deployment["spec"]["template"]["spec"]["containers"][0]
            for probe, path in paths.items():
                self.assertEqual(container[probe]["httpGet"], {"path": path, "port": "metrics"}, name)


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not here")
class Systemd(unittest.TestCase):
    def test_the_units_are_sound_and_locked_down(self):
        with tempfile.TemporaryDirectory() as folder:
            units = []
            for shipped, name in (("argosy.service", "argosy.service"), ("argosy@.service", "argosy@store-api.service")):
                text = (DEPLOY / "systemd" / shipped).read_text(encoding="utf-8")
                Path(folder, name).write_text(text.replace("/usr/local/bin/argosy", BINARY), encoding="utf-8")
                units.append(Path(folder, name))
            run("systemd-analyze", "verify", "--man=no", *units)
            for unit in units:
                run("systemd-analyze", "security", "--offline=true", "--threshold=15", unit)


if __name__ == "__main__":
    unittest.main()
