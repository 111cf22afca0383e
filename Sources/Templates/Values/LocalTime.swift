#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A date and time in some time zone, for templates that tell the model the date.
public struct LocalTime: Sendable, Hashable {
  public var year: Int
  /// The month, 1…12.
  public var month: Int
  /// The day of the month, 1…31.
  public var day: Int
  public var hour: Int
  public var minute: Int
  public var second: Int

  /// A time, at midnight unless said otherwise.
  public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
    self.year = year
    self.month = min(max(month, 1), 12)
    self.day = min(max(day, 1), 31)
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// The present time in the time zone of the process.
  public static var now: LocalTime {
    var seconds = time(nil)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return LocalTime(
      year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
      hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec))
  }

  /// The day of the week, 0 for Sunday (Sakamoto's method).
  var weekday: Int {
    let offsets = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
    let shifted = month < 3 ? year - 1 : year
    return (shifted + shifted / 4 - shifted / 100 + shifted / 400 + offsets[month - 1] + day) % 7
  }

  /// The day of the year, 1…366.
  var dayOfYear: Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return lengths[..<(month - 1)].reduce(0, +) + day
  }
}

extension LocalTime {
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November",
    "December",
  ]
  private static let weekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]

  /// Formats as C's `strftime` does in the C locale; templates are written in English.
  func formatted(_ format: Text) -> Text {
    var result = Text()
    var offset = 0
    while offset < format.count {
      let length = format.scalarLength(at: offset)
      guard format.utf8[offset] == UInt8(ascii: "%"), offset + 1 < format.count else {
        result.append(format, range: offset..<offset + length)
        offset += length
        continue
      }
      var directive = offset + 1
      // glibc: `-` drops the padding.
      let isPadded = format.utf8[directive] != UInt8(ascii: "-")
      if !isPadded, directive + 1 < format.count { directive += 1 }
      let end = directive + format.scalarLength(at: directive)
      if let text = text(for: format.scalar(at: directive), isPadded: isPadded) {
        result.append(text, isContent: format.isContent(at: offset))
      } else {
        result.append(format, range: offset..<end)
      }
      offset = end
    }
    return result
  }

  private func text(for directive: Unicode.Scalar, isPadded: Bool) -> String? {
    func pad(_ value: Int, _ width: Int = 2, _ fill: Character = "0") -> String {
      let digits = String(value)
      return isPadded ? String(repeating: fill, count: max(0, width - digits.count)) + digits : digits
    }
    let hour12 = hour % 12 == 0 ? 12 : hour % 12
    let month = Self.months[self.month - 1]
    let weekday = Self.weekdays[self.weekday]
    switch directive {
    case "Y": return String(year)
    case "y": return pad(year % 100)
    case "C": return pad(year / 100)
    case "m": return pad(self.month)
    case "B": return month
    case "b", "h": return String(month.prefix(3))
    case "d": return pad(day)
    case "e": return pad(day, 2, " ")
    case "j": return pad(dayOfYear, 3)
    case "A": return weekday
    case "a": return String(weekday.prefix(3))
    case "w": return String(self.weekday)
    case "u": return String(self.weekday == 0 ? 7 : self.weekday)
    case "H": return pad(hour)
    case "I": return pad(hour12)
    case "M": return pad(minute)
    case "S": return pad(second)
    case "p": return hour < 12 ? "AM" : "PM"
    case "F": return "\(year)-\(pad(self.month))-\(pad(day))"
    case "T", "X": return "\(pad(hour)):\(pad(minute)):\(pad(second))"
    case "R": return "\(pad(hour)):\(pad(minute))"
    case "D", "x": return "\(pad(self.month))/\(pad(day))/\(pad(year % 100))"
    case "c":
      return
        "\(weekday.prefix(3)) \(month.prefix(3)) \(pad(day, 2, " ")) "
        + "\(pad(hour)):\(pad(minute)):\(pad(second)) \(year)"
    case "n": return "\n"
    case "t": return "\t"
    case "%": return "%"
    case "f": return "000000"
    case "Z", "z": return ""
    default: return nil
    }
  }
}
