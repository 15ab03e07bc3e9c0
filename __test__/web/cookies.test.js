'use strict'

// The cookie functions do what undici's do, over tables of arguments.

const { test } = require('node:test')
const assert = require('node:assert')
const ours = require('../..')
const { outcome, undici } = require('./undici')

function compare (inputs, call) {
  for (const input of inputs) {
    assert.deepStrictEqual(outcome(() => call(ours, input)), outcome(() => call(undici, input)), require('node:util').inspect(input))
  }
}

const long = (length) => 'x'.repeat(length)

const lines = [
  '', ';', '=', '=;', ' = ', 'a', 'a=b', ' a = b ', 'a=b=c', 'a=b;', 'a=b; c', 'a="b"', '\ta=b\t', '\u00a0a=b\u00a0', 'ä=ö',
  'a=b; Secure', 'a=b; secure=1; HTTPONLY', 'a=b;;;', 'a=b; =', 'a=b; =x; y=', 'a=b; x=1; x=2', 'a\0=b', 'a=b\n', 'a=b\x7f', 'a=b\tc',
  'a=b; Expires=Wed, 09 Jun 2021 10:18:14 GMT', 'a=b; expires=never', 'a=b; expires', 'a=b; Expires=Wed, 09-Jun-21 10:18:14 GMT',
  'a=b; Max-Age=1', 'a=b; max-age=-1', 'a=b; max-age=-', 'a=b; max-age=1x', 'a=b; max-age=', 'a=b; max-age=x', 'a=b; max-age=--1',
  'a=b; max-age=+1', 'a=b; max-age=0', 'a=b; max-age=-0', 'a=b; max-age=99999999999999999999', 'a=b; max-age= 12 ', 'a=b; max-age=1.5',
  'a=b; Domain=Example.COM', 'a=b; domain=.example.com', 'a=b; domain=..x', 'a=b; domain=', 'a=b; domain',
  'a=b; Path=/x', 'a=b; path=x', 'a=b; path=', 'a=b; path', 'a=b; path=/; path=/y',
  'a=b; SameSite=Lax', 'a=b; samesite=STRICT', 'a=b; samesite=none', 'a=b; samesite=other', 'a=b; samesite', 'a=b; samesite=__proto__',
  'a=b; __proto__=c', 'a=b; constructor=c', 'a=b; toString', '__proto__=x',
  `${long(4096)}=`, `${long(4095)}=y`, `${long(4096)}=y`, long(4096), long(4097), `a=b; x=${long(1024)}`, `a=b; x=${long(1025)}`,
  `a=b; path=/${long(1024)}; secure`, 'a=b; Partitioned; Priority=High'
]

test('a line of Set-Cookie', () => {
  compare(lines, ({ parseCookie }, line) => parseCookie(line))
  compare([undefined, null, 5, { toString: () => 'a=b' }], ({ parseCookie }, value) => parseCookie(value))
})

test('all lines of Set-Cookie of a Headers', () => {
  const sendable = lines.filter((line) => !/[\0\n\x7f]|ä/.test(line))
  compare([sendable, [], ['a=b']], ({ getSetCookies }, some) => {
    const headers = new Headers()
    some.forEach((line) => headers.append('set-cookie', line))
    return getSetCookies(headers)
  })
})

test('the cookies of a request', () => {
  compare(
    [null, '', 'a', 'a=b', 'a=b; c=d', 'a=b;c=d', ' a = b ; c = d ', 'a=b=c', '=b', 'a=', ';', 'a=1; a=2', '__proto__=x; constructor=y', 'a="b; c"'],
    ({ getCookies }, field) => getCookies(new Headers(field === null ? {} : { cookie: field }))
  )
})

const written = [
  { name: 'a', value: 'b' }, { name: '', value: 'b' }, { name: 'a', value: '' }, { name: 'a' }, { value: 'b' }, {}, null, undefined, 5, 'x',
  { name: 5, value: null }, { name: 'a', value: undefined }, { name: Symbol('a'), value: 'b' },
  ...[...'\0\t "(),/:;<=>?@[\\]{}\x7fä`|~!#$%&\'*+-.^_'].flatMap((character) => [
    { name: `a${character}`, value: 'b' }, { name: 'a', value: `b${character}` }, { name: 'a', value: 'b', path: `/${character}` },
    { name: 'a', value: 'b', domain: `a${character}b` }, { name: 'a', value: 'b', unparsed: [`x${character}=y`] },
    { name: 'a', value: 'b', unparsed: [`x=y${character}`] }
  ]),
  { name: 'a', value: '"b"' }, { name: 'a', value: '"' }, { name: 'a', value: '""' }, { name: 'a', value: '"b' }, { name: 'a', value: '"b"c"' },
  ...['', ' ', '.', 'a', 'a.b', '.a', 'a.', 'a..b', '-a', 'a-', 'a-.b', 'a.-b', '1.2', 'A.B-C', long(63), long(64), 'ä', 'a_b',
    `${long(63)}.${long(63)}.${long(63)}.${long(63)}`, `${long(63)}.${long(63)}.${long(63)}.${long(64)}`, null, 5
  ].map((domain) => ({ name: 'a', value: 'b', domain })),
  ...[0, 1, -1, 1.9, -0.5, NaN, Infinity, '5', 'x', null, undefined, 2 ** 40, true].map((maxAge) => ({ name: 'a', value: 'b', maxAge })),
  ...[0, 1, new Date(0), new Date('2021-06-09T10:18:14Z'), new Date(NaN), NaN, Infinity, 8640000000000000, 8640000000000001, 1.7, '2020-01-01',
    'never', null, undefined, new Date('1969-01-01')
  ].map((expires) => ({ name: 'a', value: 'b', expires })),
  ...['Strict', 'Lax', 'None', 'lax', '', null, undefined, 5].map((sameSite) => ({ name: 'a', value: 'b', sameSite })),
  ...[true, false, 0, 1, '', 'x', null, undefined].flatMap((flag) => [{ name: 'a', value: 'b', secure: flag }, { name: 'a', value: 'b', httpOnly: flag }]),
  ...[[], ['x'], ['x=y'], [' x =y'], ['x=y=z'], ['x=y', 'z=w'], new Set(['x=y']), null, 'x=y', {}, 5, ['=']].map((unparsed) => ({ name: 'a', value: 'b', unparsed })),
  { name: '__Secure-a', value: 'b' }, { name: '__Secure-a', value: 'b', secure: false }, { name: '__Host-a', value: 'b', domain: 'x', path: '/y' },
  { name: 'a', value: 'b', secure: true, httpOnly: true, maxAge: 10, domain: 'x.y', path: '/z', expires: new Date(1e12), sameSite: 'None', unparsed: ['p=q'] },
  { name: 'a', value: 'b', path: '' }, { name: 'a', value: 'b', path: null }, { name: 'a', value: 'b', path: 'ä' }
]

test('a cookie that is set', () => {
  compare(written, ({ setCookie }, cookie) => {
    const headers = new Headers()
    setCookie(headers, cookie)
    return headers.getSetCookie()
  })
})

test('a cookie that is deleted', () => {
  compare([['a'], ['a', {}], ['a', { path: '/x', domain: 'y' }], ['a', null], ['a', 5], ['', {}], ['a b'], [5], []], ({ deleteCookie }, values) => {
    const headers = new Headers()
    deleteCookie(headers, ...values)
    return headers.getSetCookie()
  })
})

test('arguments that are missing or no Headers', () => {
  for (const name of ['getCookies', 'getSetCookies', 'setCookie', 'deleteCookie']) {
    compare([[], [{}], [null], [new Map(), { name: 'a', value: 'b' }], [new Headers()]], (undici, values) => undici[name](...values))
  }
})

test('what is no Headers is refused with a code', () => {
  for (const call of [() => ours.getCookies({}), () => ours.getSetCookies(null), () => ours.deleteCookie(new Map(), 'a')]) {
    assert.throws(call, { name: 'TypeError', code: 'ERR_INVALID_THIS', message: 'Illegal invocation' })
  }
})

test('Headers of another undici are Headers', () => {
  const { Headers } = require('undici6')
  assert.deepStrictEqual({ ...ours.getCookies(new Headers({ cookie: 'a=b' })) }, { a: 'b' })
})
