import React, { useState } from 'react';

type Props = { title: string };

/** Shows a title. */
export const Title: React.FC<Props> = ({ title }) => <h1>{title}</h1>;

export const Plain = React.forwardRef<HTMLElement, Props>((props, ref) => {
  return <div ref={ref}>{props.title}</div>;
});

export default function App({ items }: { items: string[] }) {
  const [open, setOpen] = useState(false);

  const toggle = () => {
    setOpen(!open);
  };

  return (
    <main>
      <header>
        <button onClick={toggle}>Open</button>
        <Title title="first" />
        <Title title="second" />
      </header>
      <section>
        {items.map((item) => (
          <Title key={item} title={item} />
        ))}
      </section>
      <footer>
        <p>One</p>
        <p>Two</p>
        <p>Three</p>
      </footer>
    </main>
  );
}

class Legacy extends React.Component<Props> {
  state = { on: false };

  handle = () => this.setState({ on: true });

  render() {
    return <Title {...this.props} />;
  }
}
