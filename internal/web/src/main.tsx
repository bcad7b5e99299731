import "./style/tokens.css";
import "./style/base.css";
import { render } from "preact";
import { App } from "./app";
import { show } from "./theme";

show();
render(<App />, document.getElementById("app")!);
