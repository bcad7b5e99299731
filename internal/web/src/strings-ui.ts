// The texts of /__ui, which people who use Leadport never see.
export const u = {
  title: "Leadport design system",
  colours: "Colours",
  type: "Type",
  sample: "Every record has exactly one outcome · 12,480",
  button: "Button",
  field: "Field, Select, Combobox",
  menu: "Menu, Tooltip, Dialog, Toast",
  tabs: "Tabs",
  badges: "Badge and Notice",
  sheet: "Grid",
  table: "Table",
  progress: "Progress, loading, empty",
  fields: "Fields",
  special: "Special",
};
