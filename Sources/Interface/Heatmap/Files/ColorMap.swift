import Inference
import Terminal

/// matplotlib's viridis (Smith & van der Walt, CC0), which everyone sees grow lighter alike, in print too.
enum ColorMap {
  private static let anchors: [UInt32] = [
    0x440154, 0x481a6c, 0x472f7d, 0x414487, 0x39568c, 0x31688e, 0x2a788e, 0x23888e, 0x1f988b, 0x22a884,
    0x35b779,
    0x54c568, 0x7ad151, 0xa5db36, 0xd2e21b, 0xfde725,
  ]
  /// Shades that files tell apart.
  static let steps = 256

  /// The colour of one of ``steps`` shades.
  static func color(step: Int) -> RGB {
    let place = Double(step) / Double(steps - 1) * Double(anchors.count - 1)
    let low = min(Int(place), anchors.count - 2), share = place - Double(low)
    func mixed(_ shift: UInt32) -> UInt8 {
      let a = Double(anchors[low] >> shift & 255), b = Double(anchors[low + 1] >> shift & 255)
      return UInt8((a + (b - a) * share).rounded())
    }
    return RGB(red: mixed(16), green: mixed(8), blue: mixed(0))
  }

  static func step(_ fraction: Double) -> Int {
    min(steps - 1, max(0, Int(nearest: (fraction * Double(steps)).rounded(.down))))
  }
}
