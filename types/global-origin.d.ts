// The origin of relative URLs, by the path that undici has for it.

export { getGlobalOrigin, setGlobalOrigin } from './fetch'
