// What is exported of the web platform.

import { expectAssignable, expectError, expectType } from 'tsd'
import dodici, {
  Cache, caches,
  Client, Cookie, EventSource, FormData, Headers, MIMEType, MessageEvent, Request, RequestInit, Response, WebSocket, WebSocketError, WebSocketStream, deleteCookie, fetch,
  File, FileReader, getCookies, getGlobalOrigin, getSetCookies, install, parseCookie, parseMIMEType, ping, serializeAMimeType, setCookie, setGlobalOrigin, util
} from '../..'

const dispatcher = new Client('http://localhost')
expectAssignable<Promise<Response>>(fetch('http://localhost', { dispatcher, method: 'POST', body: new FormData(), duplex: 'half' }))
expectAssignable<RequestInit>({ dispatcher, headers: new Headers({ a: 'b' }) })
fetch(new URL('http://localhost'))
fetch(new Request('http://localhost'))
expectError(fetch('http://localhost', { dispatcher: 5 }))
expectType<string | null>(new Headers().get('a'))
expectType<void>(install())
expectType<typeof fetch>(dodici.fetch)
expectType<void>(setGlobalOrigin(new URL('http://localhost')))
setGlobalOrigin(undefined)
expectError(setGlobalOrigin())
expectType<URL | undefined>(getGlobalOrigin())
expectType<string>(new File(['a'], 'b').name)
const reader = new FileReader()
reader.readAsText(new File(['a'], 'b'), 'latin1')
expectType<string | ArrayBuffer | null>(reader.result)
expectError(reader.readAsText('a'))

const socket = new WebSocket('ws://localhost', { protocols: ['a'], dispatcher, headers: { a: 'b' } })
socket.addEventListener('message', (event) => expectType<MessageEvent>(event))
expectType<0>(WebSocket.CONNECTING)
expectType<void>(ping(socket, Buffer.from('a')))
expectError(ping(socket, 'a'))
const stream = new WebSocketStream('ws://localhost', { protocols: ['a'], signal: AbortSignal.timeout(1), dispatcher })
stream.opened.then(({ readable, writable }) => readable.pipeTo(writable))
expectType<Promise<{ closeCode: number, reason: string }>>(stream.closed)
stream.close({ reason: 'a' })
expectType<number | null>(new WebSocketError('a', { closeCode: 1000 }).closeCode)
expectAssignable<DOMException>(new WebSocketError())
expectError(new WebSocket('ws://localhost', { dispatcher: 5 }))
expectType<EventSource>(new EventSource('http://localhost', { dispatcher, withCredentials: true }))

const headers = new Headers()
expectType<Record<string, string>>(getCookies(headers))
expectType<Cookie[]>(getSetCookies(headers))
expectType<Cookie | null>(parseCookie('a=b'))
setCookie(headers, { name: 'a', value: 'b', sameSite: 'Lax' })
expectError(setCookie(headers, { name: 'a', value: 'b', sameSite: 'lax' }))
deleteCookie(headers, 'a', { path: '/' })

expectType<'failure' | MIMEType>(parseMIMEType('a/b'))
expectType<string>(serializeAMimeType({ type: 'a', subtype: 'b', essence: 'a/b', parameters: new Map() }))
expectType<string>(util.headerNameToString(Buffer.from('A')))
expectType<Record<string, string | string[]>>(util.parseHeaders(['a', Buffer.from('b')]))

expectType<Promise<Cache>>(caches.open('a'))
expectType<Promise<Response | undefined>>(caches.match('http://localhost', { cacheName: 'a', ignoreSearch: true }))
caches.open('a').then((cache) => { expectType<Promise<boolean>>(cache.delete(new Request('http://localhost'), { ignoreVary: true })) })
expectError(caches.open())
expectType<typeof caches>(dodici.caches)
