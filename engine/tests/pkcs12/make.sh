#!/usr/bin/env bash
# Makes the PKCS #12 files of this folder anew, with OpenSSL 3: two identities, of RSA and of an elliptic curve, under one
# issuer, in the forms that OpenSSL and others have written over the years. The passphrase is `open sesame`.
set -euo pipefail
target=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cd "$work"

openssl req -x509 -newkey rsa:2048 -nodes -keyout issuer.key -out issuer.pem -days 36500 -subj '/CN=an issuer' 2>openssl.log
# identity NAME ALGORITHM...
identity() {
  local name=$1
  shift
  openssl req -new -newkey "$@" -nodes -keyout "$name.key" -out "$name.csr" -subj "/CN=a client with $name" 2>openssl.log
  openssl x509 -req -in "$name.csr" -CA issuer.pem -CAkey issuer.key -CAcreateserial -days 36500 -extfile <(echo extendedKeyUsage=clientAuth) -out "$name.pem" 2>openssl.log
}
identity RSA rsa:2048
identity EC ec -pkeyopt ec_paramgen_curve:P-256

# bundle FILE IDENTITY OPTION...
bundle() {
  local file=$1 name=$2
  shift 2
  openssl pkcs12 -export -out "$target/$file.p12" -inkey "$name.key" -in "$name.pem" -certfile issuer.pem -passout 'pass:open sesame' "$@"
}
# What OpenSSL 3 writes: PBES2 with AES-256, HMAC with SHA-256.
bundle modern RSA
bundle elliptic EC
# What OpenSSL 1 wrote: RC2 of 40 bits for the certificates, 3DES for the key, HMAC with SHA-1.
bundle legacy RSA -legacy
# What Windows writes, to be read by anything.
bundle triple-des RSA -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1
bundle without-mac RSA -nomac
# Nothing is encrypted, and the sum is made in one round.
bundle plain RSA -certpbe NONE -keypbe NONE -nomaciter
# What cannot be used.
openssl pkcs12 -export -out "$target/certificates-alone.p12" -nokeys -in RSA.pem -passout 'pass:open sesame'
openssl pkcs12 -export -out "$target/key-alone.p12" -nocerts -inkey RSA.key -passout 'pass:open sesame'
chmod 644 "$target"/*.p12
