'use strict'

// Dates in fields (RFC 9110 section 5.6.7), in the three forms that a recipient has to know, and no other: `Date` of
// JavaScript takes much that is none.

const DAYS = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ')
const LONG_DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

const day = `(?<day>${DAYS.join('|')})`
const month = `(?<month>${MONTHS.join('|')})`
const time = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)'

const FORMS = [
  // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(`^${day}, (?<date>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`),
  // RFC 850: Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(`^(?<longDay>${LONG_DAYS.join('|')}), (?<date>\\d\\d)-${month}-(?<shortYear>\\d\\d) ${time} GMT$`),
  // asctime: Sun Nov  6 08:49:37 1994
  new RegExp(`^${day} ${month} (?<date> \\d|[1-3]\\d) ${time} (?<year>\\d{4})$`)
]

function yearOf ({ year, shortYear }) {
  const value = Number(year ?? shortYear)
  if (year !== undefined) {
    return value
  }
  return value < 70 ? 2000 + value : 1900 + value
}

/**
 * @param {string} text of a field
 * @returns {Date|undefined} undefined where it is no date, or one that no calendar has
 */
function parseHttpDate (text) {
  for (const form of FORMS) {
    const parts = form.exec(text)?.groups
    if (parts !== undefined) {
      const year = yearOf(parts)
      const [date, hour, minute, second] = [parts.date, parts.hour, parts.minute, parts.second].map(Number)
      const found = new Date(0)
      found.setUTCFullYear(year, MONTHS.indexOf(parts.month), date)
      found.setUTCHours(hour, minute, second)
      const weekday = parts.day === undefined ? LONG_DAYS.indexOf(parts.longDay) : DAYS.indexOf(parts.day)
      const isReal = found.getUTCFullYear() === year && found.getUTCDate() === date && found.getUTCDay() === weekday &&
        hour < 24 && minute < 60 && second < 60
      return isReal ? found : undefined
    }
  }
  return undefined
}

module.exports = { parseHttpDate }
