'use strict'

// The path of undici's lib/util/cache: the functions about caches. They live in lib/cache, in the modules that their nouns
// name.

const { isBroken, parseCacheControl } = require('../../cache/directives')
const { assertKey, assertValue } = require('../../cache/entry')
const { authoritativeOrigin, deduplicationKeyOf, fieldsOf, keyOf, originOf } = require('../../cache/key')
const { assertMethods, assertStore } = require('../../cache/options')
const { isEtagUsable } = require('../../cache/policy')
const { hasAsterisk, isUnmatchable, varyingFields } = require('../../cache/vary')

module.exports = {
  getInterceptorOrigin: authoritativeOrigin,
  getRequestOrigin: originOf,
  makeCacheKey: keyOf,
  normalizeHeaders: fieldsOf,
  assertCacheKey: assertKey,
  assertCacheValue: assertValue,
  parseCacheControlHeader: parseCacheControl,
  hasInvalidCacheControlDirective: isBroken,
  parseVaryHeader: varyingFields,
  hasVaryStar: hasAsterisk,
  isInvalidOrWildcardVaryHeader: isUnmatchable,
  isEtagUsable,
  assertCacheMethods: assertMethods,
  assertCacheStore: assertStore,
  makeDeduplicationKey: deduplicationKeyOf
}
