'use strict'

// The interceptors by the names that users know.

module.exports = {
  redirect: require('./redirect').redirect,
  retry: require('./retry').retry,
  dump: require('./dump').dump,
  responseError: require('./response-error').responseError,
  dns: require('./dns').dns,
  deduplicate: require('./deduplicate').deduplicate,
  decompress: require('./decompress').decompress,
  cache: require('./cache').cache,
  cookies: require('./cookies').cookies
}
