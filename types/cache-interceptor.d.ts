// The types of cache stores, by the path that undici has for them.

export { default } from './cache-stores'
