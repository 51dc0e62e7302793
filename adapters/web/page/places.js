// A few places to be from, for a browser that can't or shouldn't say where it is.
export const places = [
  ["Birmingham B11", 52.4557, -1.8642],
  ["London E1", 51.5175, -0.0581],
  ["Swansea SA1", 51.6240, -3.9411],
  ["Cardiff CF24", 51.4868, -3.1657],
  ["Glasgow G42", 55.8355, -4.2619],
  ["Edinburgh EH6", 55.9723, -3.1759],
  ["Belfast BT7", 54.5820, -5.9260],
  ["Derry BT48", 55.0010, -7.3280],
];
