// Places to share where a real phone would share its own.

export const PLACES = [
  { id: "milan", name: "Milan", latitude: 45.4642, longitude: 9.19 },
  { id: "paris", name: "Paris", latitude: 48.8566, longitude: 2.3522 },
  { id: "london", name: "London", latitude: 51.5074, longitude: -0.1278 },
  { id: "new-york", name: "New York", latitude: 40.7128, longitude: -74.006 },
  { id: "dubai", name: "Dubai", latitude: 25.2048, longitude: 55.2708 },
  { id: "shanghai", name: "Shanghai", latitude: 31.2304, longitude: 121.4737 },
  { id: "hong-kong", name: "Hong Kong", latitude: 22.3193, longitude: 114.1694 },
  { id: "tokyo", name: "Tokyo", latitude: 35.6762, longitude: 139.6503 },
  { id: "kathmandu", name: "Kathmandu", latitude: 27.7172, longitude: 85.324 },
];
