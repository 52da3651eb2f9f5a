"""What one would write by hand in Python: FastAPI with scikit-learn, the tutorial's forest trained as it starts.

    python3 fastapi_server.py <port> <iris.csv>
"""
import csv
import sys

import uvicorn
from fastapi import FastAPI
from sklearn.ensemble import RandomForestClassifier

port, path = sys.argv[1:]
COLUMNS = ["sepalLength", "sepalWidth", "petalLength", "petalWidth"]

with open(path, newline="") as file:
    rows = list(csv.DictReader(file))
# As worker/tutorial/make_iris.py trains it.
forest = RandomForestClassifier(n_estimators=28, random_state=336)
forest.fit([[float(row[name]) for name in COLUMNS] for row in rows], [row["species"] for row in rows])

app = FastAPI()


@app.get("/api/{secret}")
def predict(secret: str, sepalLength: float, sepalWidth: float, petalLength: float, petalWidth: float):
    probability = forest.predict_proba([[sepalLength, sepalWidth, petalLength, petalWidth]])[0]
    return {
        "prediction": forest.classes_[probability.argmax()],
        "probability": [round(value, 8) for value in probability.tolist()],
    }


uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="error")
