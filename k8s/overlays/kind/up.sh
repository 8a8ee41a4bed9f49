#!/bin/sh
# make kind-up: the whole system in a Kubernetes cluster on this machine. Safe to run again: it brings up to date.
set -eu
cd "$(dirname "$0")/../../.."
overlay=k8s/overlays/kind

missing=
for tool in docker kind kubectl; do
  command -v "$tool" > /dev/null || missing="$missing $tool"
done
[ -z "$missing" ] || {
  echo "make kind-up needs$missing, which this machine does not have. docs/deploy-kubernetes.md says where to get them." >&2
  exit 1
}
docker compose version > /dev/null 2>&1 || {
  echo "make kind-up builds the images with the compose plugin of Docker, which this machine does not have." >&2
  exit 1
}
docker info > /dev/null 2>&1 || {
  echo "make kind-up needs a running Docker engine: \"docker info\" says why it does not answer." >&2
  exit 1
}

kind get clusters | grep -qx valerix || kind create cluster --config "$overlay/cluster.yaml"
docker compose --profile payments build
kubectl kustomize "$overlay" | sed -n 's/^ *image: \(valerix\/.*\)/\1/p' | sort -u | xargs kind load docker-image --name valerix

kubectl="kubectl --context kind-valerix"
$kubectl apply -k "$overlay"
# The tag is always the same here, so a new image of that name needs a new pod.
$kubectl --namespace valerix rollout restart deployment
for set in $($kubectl --namespace valerix get statefulset,deployment --output name); do
  $kubectl --namespace valerix rollout status "$set" --timeout 5m
done

password() { sed -n "s/^$2=//p" "$overlay/secrets/$1.env"; }
cat <<EOF

Valerix is up.

  dashboard    http://localhost:3000   operator@valerix.local, password: $(password identity-service FIRST_OPERATOR_PASSWORD)
  Grafana      http://localhost:3030   admin, password: $(password grafana admin-password)
  Prometheus   http://localhost:9090

  kubectl --context kind-valerix --namespace valerix get pods
  kind delete cluster --name valerix      # everything is gone, data too
EOF
