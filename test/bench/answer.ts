// The one request that is measured, and the answer and headers that belong to it.
export const QUERY = 'sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0';
export const ANSWER = '{"prediction":"Iris-virginica","probability":[0.39285714,0.10714286,0.5]}';
export const HEADERS = {
  'Content-Type': 'application/json',
  'X-Model-Version': '1',
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex',
};
